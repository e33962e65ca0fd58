/** The four priorities of the fleet, the most urgent first. Each has a BullMQ queue of its own. */
export const TIERS = ["critical", "high", "normal", "low"] as const;

export type Tier = (typeof TIERS)[number];

/** One value per tier. */
export type PerTier<T> = Readonly<Record<Tier, T>>;

/** Percent of the fleet's slots that a tier gets while every tier has work (founding plan: 50/30/15/5). */
export const TIER_SHARES: PerTier<number> = Object.freeze({ critical: 50, high: 30, normal: 15, low: 5 });

/** Builds one value per tier, in tier order. */
export function perTier<T>(value: (tier: Tier) => T): Record<Tier, T> {
  return Object.fromEntries(TIERS.map((tier) => [tier, value(tier)])) as Record<Tier, T>;
}
