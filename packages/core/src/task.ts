import type { RateRule } from "./rate-rule.ts";
import type { Tier } from "./tier.ts";

/** A page is visited to warm it, and after a cache miss once more to prove that the cache now holds it. */
export type VisitKind = "warm" | "prove";

/** A released page, with all that its visit needs: so that a visit costs no read from Postgres. */
export interface VisitTask {
  readonly page: string;
  /** Counts the releases of this page; a result that carries an older lease is refused. */
  readonly lease: number;
  readonly job: string;
  readonly tier: Tier;
  readonly domain: string;
  readonly url: string;
  readonly visit: VisitKind;
  /** Counted attempts before this one. */
  readonly attempts: number;
  /** How often the page was handed back because its domain was closed. */
  readonly handBacks: number;
  /** Whether a request for it was begun after a worker died with it, and did not end. */
  readonly suspect: boolean;
  /** Whether a cache miss is visited a second time. */
  readonly verify: "all" | "none";
  readonly followLinks: boolean;
  readonly rule: RateRule;
  /** Grows with each change of the domain's rule, so that an old task cannot bring an old rule back. */
  readonly ruleRevision: number;
}

/** Reads robots.txt and the sitemaps of a job and fills the frontier. */
export interface ExpandTask {
  readonly job: string;
}

/** Releases a domain's pages at a moment when no settling visit will: after a proof delay or a closed time. */
export interface WakeTask {
  readonly domain: string;
}
