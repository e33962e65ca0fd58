import type { RateRule } from "@bee/core";
import type { RequestEntry } from "./request-log.ts";

/** When a request ran; the part of a log entry that politeness is judged by. */
export type Span = Pick<RequestEntry, "startedAt" | "endedAt">;

/** The part of a rule that limits when requests start. */
export type Pace = Pick<RateRule, "requestsPerSecond" | "burst">;

/**
 * The most requests that were open at one moment. A request occupies `[startedAt, endedAt)`: one that starts in
 * the instant in which another ends does not overlap it. One without an end is still open.
 */
export function mostInFlight(spans: readonly Span[]): number {
  const starts = spans.map((span) => span.startedAt).sort(ascending);
  const ends = spans.map((span) => span.endedAt ?? Number.POSITIVE_INFINITY).sort(ascending);
  let ended = 0;
  let most = 0;
  for (const [index, start] of starts.entries()) {
    while (ends[ended]! <= start) ended += 1;
    most = Math.max(most, index + 1 - ended);
  }
  return most;
}

/**
 * By how many requests the worst window went over `r·T + b`, over all windows of all lengths; at most 0 when the
 * pace was kept. `jitterMs` widens every window, to forgive the network for bringing requests closer together.
 *
 * Only windows that begin and end with a request can be the worst. From request i to request j there are
 * `j − i + 1` requests, so the excess is
 *
 *     (j − i + 1) − (r·(tⱼ − tᵢ) + b)  =  (j + 1 − r·tⱼ) − (i − r·tᵢ) − b
 *
 * and for each j the worst i is the one with the smallest `i − r·tᵢ` so far: one pass instead of all pairs.
 */
export function worstExcess(spans: readonly Pick<Span, "startedAt">[], pace: Pace, jitterMs = 0): number {
  const starts = spans.map((span) => span.startedAt).sort(ascending);
  const perMs = pace.requestsPerSecond / 1000;
  let smallest = Number.POSITIVE_INFINITY;
  let worst = 0;
  for (const [index, start] of starts.entries()) {
    const ahead = index - perMs * start;
    smallest = Math.min(smallest, ahead);
    worst = Math.max(worst, ahead + 1 - smallest);
  }
  return worst - perMs * jitterMs - pace.burst;
}

function ascending(a: number, b: number): number {
  return a - b;
}
