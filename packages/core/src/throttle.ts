import { headerOf } from "./answer-headers.ts";
import type { AnswerSeen } from "./page-visit.ts";
import { parseHttpDate, parseRetryAfter } from "./retry-after.ts";

/** How long to leave a domain alone at first that says "too many" and not how long. */
const DEFAULT_QUIET_MS = 5_000;

/** The longest quiet that is kept as asked: a page must not sleep for the year that some servers name. */
const MAX_QUIET_MS = 24 * 3_600_000;

export interface Throttle {
  readonly delayMs: number;
  /** What the site asked for, of which no more than a day counts; null where it named no time. */
  readonly askedMs: number | null;
  readonly reason: string;
}

/**
 * The quiet that an answer asks for: 429 (RFC 6585), Shopify's 430, and 503 where it names a time. A 503 without
 * one is a failing server, not a polite one. A date counts from the answer's own `Date`, so that no clock of ours
 * matters.
 */
export function throttleOf(
  { status, headers }: Pick<AnswerSeen, "status" | "headers">,
  now: number,
): Throttle | null {
  const header = headerOf(headers, "retry-after");
  const sentAt = parseHttpDate(headerOf(headers, "date")) ?? now;
  const saidMs = parseRetryAfter(header, sentAt);
  if (status !== 429 && status !== 430 && !(status === 503 && saidMs !== null)) return null;
  if (saidMs === null) {
    const reason = `answered ${status} without a Retry-After`;
    return { delayMs: DEFAULT_QUIET_MS, askedMs: null, reason };
  }
  const askedMs = Math.min(saidMs, MAX_QUIET_MS);
  const cut = saidMs > MAX_QUIET_MS ? ", of which 24 hours are waited" : "";
  const reason = `answered ${status} with Retry-After: ${header!.slice(0, 60)}${cut}`;
  return { delayMs: askedMs, askedMs, reason };
}
