import type { Tier } from "./tier.ts";

/** What a key may do and how it is served. */
export const PLANS = ["standard", "premium", "operator"] as const;
export type Plan = (typeof PLANS)[number];

/** The domain whose jobs measure the fleet itself; only operators may submit it. */
export const HEALTH_DOMAIN = "health.internal";

/** Jobs above this many pages are bulk work (founding plan). */
export const BULK_PAGES = 500;

export interface TierRequest {
  readonly domain: string;
  readonly plan: Plan;
  readonly maxPages: number;
  /** A tier that an operator asked for by name. */
  readonly priority?: Tier | undefined;
}

/**
 * The tier of a job (founding plan): health checks are critical, else a premium key is high, else more
 * than {@link BULK_PAGES} pages are low, else normal. An operator's explicit wish goes before all of it.
 */
export function assignTier(request: TierRequest): Tier {
  if (request.priority !== undefined && request.plan === "operator") return request.priority;
  if (request.domain === HEALTH_DOMAIN) return "critical";
  if (request.plan === "premium") return "high";
  return request.maxPages > BULK_PAGES ? "low" : "normal";
}
