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

/** What a page's visits showed of the cache in front of it. */
export const CACHE_RESULTS = ["warmed", "already-warm", "uncacheable", "unproven", "none"] as const;
export type CacheResult = (typeof CACHE_RESULTS)[number];
