/** How a page ended. A page has exactly one. */
export const OUTCOMES = [
  "ok",
  "broken",
  "blocked",
  "unreachable",
  "disallowed",
  "skipped",
  "cancelled",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** States that a page ends in; each is a counter of its job. */
export type EndState = "succeeded" | "failed" | "skipped" | "cancelled";

/**
 * Where a page is on its way:
 *
 *     pending ──release──▶ released ──settle──▶ succeeded │ failed │ skipped │ cancelled
 *        ▲                    │
 *        └─ proof, retry, hand-back, lost lease
 */
export type PageState = "pending" | "released" | EndState;

export const PAGE_STATES = ["pending", "released", "succeeded", "failed", "skipped", "cancelled"] as const;

const END_STATES: Readonly<Record<Outcome, EndState>> = Object.freeze({
  ok: "succeeded",
  broken: "failed",
  blocked: "failed",
  unreachable: "failed",
  disallowed: "skipped",
  skipped: "skipped",
  cancelled: "cancelled",
});

/** The counter that an outcome adds to. */
export function endStateOf(outcome: Outcome): EndState {
  return END_STATES[outcome];
}

/** What a page's visits showed of the cache in front of it. */
export const CACHE_RESULTS = ["warmed", "already-warm", "uncacheable", "unproven", "none"] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];
