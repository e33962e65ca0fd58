import type { RateRule } from "@bee/core";
import { mostInFlight, type RequestEntry, worstExcess } from "@bee/testkit";
import type { Job, Page } from "./fleet.ts";

/** What must not be: each line is a breach. */
export type Breaches = readonly string[];

/** What a right report of a demo site counts (`packages/testkit/src/demo-site/pages.ts`). */
export const EXPECTED = { ok: 91, broken: 4, disallowed: 2 } as const;
const EXPECTED_PAGES = Object.values(EXPECTED).reduce((sum, pages) => sum + pages, 0);

/** What the engine's network may add between a gate and the target's clock. */
const JITTER_MS = 50;
/** Gates keep so much of a burst free for requests that are late. */
const ROOM_MS = 250;

/** Every page of a job that has ended has one outcome, and it is the right one. */
export function judgeJob(job: Job, pages: readonly Page[]): Breaches {
  const breaches: string[] = [];
  const expect = (what: string, expected: unknown, got: unknown) => {
    if (expected !== got) breaches.push(`${job.domain}: expected ${what} ${expected}, got ${got}`);
  };
  expect("status", "completed", job.status);
  expect("pages", EXPECTED_PAGES, pages.length);
  expect("different pages", pages.length, new Set(pages.map(({ url }) => url)).size);
  expect("pages without outcome", 0, pages.filter(({ outcome }) => outcome === null).length);
  const { total, ...parts } = job.counts;
  expect(
    "its counts to add up to",
    total,
    Object.values(parts).reduce((sum, part) => sum + part, 0),
  );
  for (const [outcome, expected] of Object.entries(EXPECTED))
    expect(`pages ${outcome}`, expected, pages.filter((page) => page.outcome === outcome).length);
  return breaches;
}

export interface LogVerdict {
  readonly requests: number;
  /** By how many requests the worst window went over `r·T + b`; at most 0 when none did. */
  readonly excess: number;
  readonly inFlight: number;
  readonly breaches: Breaches;
}

/**
 * Whether a site was asked no faster than its rule allows, by its own log.
 * @param lateMs by how much a process of this machine was late at worst. Requests may have come closer together by twice
 *   as much: who asked may have been late, and so may the site.
 */
export function judgeLog(
  site: string,
  log: readonly RequestEntry[],
  rule: RateRule,
  lateMs: number,
): LogVerdict {
  const excess = worstExcess(log, rule, JITTER_MS + Math.max(0, 2 * lateMs - ROOM_MS));
  const inFlight = mostInFlight(log);
  const breaches = [
    ...(log.length === 0 ? [`${site}: expected requests in its log, got none`] : []),
    ...(excess > 0 ? [`${site}: expected at most r·T + b requests, got ${excess.toFixed(2)} more`] : []),
    ...(inFlight > rule.concurrency
      ? [`${site}: expected at most ${rule.concurrency} in flight, got ${inFlight}`]
      : []),
  ];
  return { requests: log.length, excess, inFlight, breaches };
}
