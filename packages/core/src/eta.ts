import type { RateRule } from "./rate-rule.ts";

export interface Remaining {
  /** Pages without an outcome. */
  readonly pages: number;
  readonly finishedPages: number;
  /** Visits that the job has made so far. */
  readonly visits: number;
  readonly rule: RateRule;
  /** Milliseconds until the domain may be visited again. */
  readonly closedForMs: number;
}

/** Until visits of this job say otherwise, a page is taken to need two: one to warm it, one to prove it. */
const VISITS_PER_PAGE = 2;

/** Seconds until the job is done at its domain's pace, which is the limit that holds for a polite crawl. */
export function etaSeconds({ pages, finishedPages, visits, rule, closedForMs }: Remaining): number {
  const visitsPerPage = finishedPages > 0 ? visits / finishedPages : VISITS_PER_PAGE;
  return Math.ceil((pages * visitsPerPage) / rule.requestsPerSecond + Math.max(0, closedForMs) / 1_000);
}
