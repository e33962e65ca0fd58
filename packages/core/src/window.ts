import type { RateRule } from "./rate-rule.ts";

/** A domain's window covers this much of its pace, so that a page is always at hand while results settle. */
const WINDOW_SECONDS = 0.5;

/**
 * How many pages of a domain may be released at once: `c + ⌈r · 0.5 s⌉`. A domain slower than one request
 * a second gets one page, released to the moment it may start; so does a domain that has not answered yet
 * or has just failed (slow start), so that dead domains hold one slot each and not a window of them.
 */
export function windowFor(rule: RateRule, slowStart: boolean): number {
  if (slowStart || rule.requestsPerSecond < 1) return 1;
  return rule.concurrency + Math.ceil(rule.requestsPerSecond * WINDOW_SECONDS);
}
