import type { Refusal } from "./backoff.ts";
import type { CacheResult, Outcome } from "./outcome.ts";

/** What a page's visit saw; recorded with the page. */
export interface Observation {
  readonly status: number | null;
  readonly ttfbMs: number | null;
  readonly bytes: number | null;
  /** The cache location that answered, where a header names it. */
  readonly edge: string | null;
  /** Where the page led, hop by hop; the last one answered, unless it is of another domain. */
  readonly redirects: readonly string[];
}

/** Why a domain gets no requests for a while. */
export type ClosedReason = "retry-after" | "circuit-open";

/** How a visit ends; settling carries it out in one transaction with its batch. */
export type Settlement =
  /** The page has its outcome. */
  | {
      readonly type: "done";
      readonly outcome: Outcome;
      readonly cache: CacheResult;
      readonly reason: string | null;
      readonly seen: Observation;
      readonly refused?: Refusal;
    }
  /** The cache missed: keep what was seen and visit once more after a pause. */
  | { readonly type: "prove"; readonly delayMs: number; readonly seen: Observation }
  /** Failed, but may succeed later; counted as an attempt. */
  | {
      readonly type: "retry";
      readonly delayMs: number;
      readonly reason: string;
      /** Kept should the page never be tried again. */
      readonly status: number | null;
    }
  /** Says nothing of the page (its domain is closed, its job was stopped, a fault of ours): back to the frontier. */
  | {
      readonly type: "hand-back";
      readonly delayMs: number;
      readonly closed: ClosedReason | null;
      readonly reason: string;
      /** Only where the site answered this very visit that way. */
      readonly refused?: Refusal;
      /** The domain's circuit opened so often in a row that its pages are given up, for this reason. */
      readonly givenUp?: string;
    };

export const NOTHING_SEEN: Observation = Object.freeze({
  status: null,
  ttfbMs: null,
  bytes: null,
  edge: null,
  redirects: [],
});

/** Whether the visit got what it came for: a page, not a refusal, an error or a redirect elsewhere. */
export function isServed(settlement: Settlement): boolean {
  if (settlement.type === "prove") return true;
  if (settlement.type !== "done" || settlement.outcome !== "ok") return false;
  const { status } = settlement.seen;
  return status !== null && (status < 300 || status === 304);
}

/** How long the origin took to the first byte of a page; null where a cache answered, or nobody. */
export function originTtfbMs(settlement: Settlement): number | null {
  if (!isServed(settlement)) return null;
  if (settlement.type === "prove") return settlement.seen.ttfbMs;
  if (settlement.type !== "done") return null;
  const fromCache = settlement.cache === "already-warm" || settlement.cache === "warmed";
  return fromCache ? null : settlement.seen.ttfbMs;
}

/** That the site asked for quiet in answer to this visit; null where it did not. */
export function refusalIn(settlement: Settlement): Refusal | null {
  const { type } = settlement;
  return ((type === "done" || type === "hand-back") && settlement.refused) || null;
}
