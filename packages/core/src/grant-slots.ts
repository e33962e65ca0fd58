import { type PerTier, perTier, TIERS, type Tier } from "./tier.ts";

export interface SlotDemand {
  /** Slots of the worker process. */
  readonly slots: number;
  /** Weight of each tier under contention. */
  readonly shares: PerTier<number>;
  /** Visits that want a slot here: waiting and busy together. */
  readonly demand: PerTier<number>;
  /** Visits that hold a slot now; they are never taken away. */
  readonly busy: PerTier<number>;
  /** Slots that critical keeps even when it asks for none, so that a health check never queues. */
  readonly criticalReserve: number;
}

/**
 * Divides a worker's slots among the tiers: every tier gets its share while it has work for it, idle share is
 * lent by weight, critical keeps its reserve. The sum of `max(grant, busy)` stays within `slots` as far as
 * what is already busy allows: a tier that borrowed and must give back shrinks as its visits end.
 */
export function grantSlots(input: SlotDemand): PerTier<number> {
  const fair = divide(input.slots, [...TIERS], input);
  const critical = Math.min(input.slots, Math.max(fair.critical, input.criticalReserve));
  const others = divide(
    input.slots - critical,
    TIERS.filter((tier) => tier !== "critical"),
    input,
  );
  return withholdOverhang({ ...others, critical }, input);
}

/** Weighted water-filling: shares of the hungry tiers, each capped at its demand, until nothing is left to give. */
function divide(slots: number, tiers: readonly Tier[], input: SlotDemand): Record<Tier, number> {
  const { shares, demand } = input;
  const grant = perTier(() => 0);
  let free = slots;
  let hungry = tiers.filter((tier) => demand[tier] > 0);
  while (free > 0 && hungry.length > 0) {
    const weight = hungry.reduce((sum, tier) => sum + shares[tier], 0);
    const round = free;
    for (const tier of hungry) {
      const part = Math.min(Math.floor((round * shares[tier]) / weight), demand[tier] - grant[tier], free);
      grant[tier] += part;
      free -= part;
    }
    // Rounding leaves less than one slot a tier: hand those out one by one, the most urgent first.
    if (free === round) {
      for (const tier of hungry.slice(0, free)) {
        grant[tier] += 1;
        free -= 1;
      }
    }
    hungry = hungry.filter((tier) => grant[tier] < demand[tier]);
  }
  return feedStarving(grant, slots, tiers, input);
}

/**
 * With few slots, rounding leaves a small share nothing for as long as larger ones have work. Then the tier that is
 * furthest above its own share gives one.
 */
function feedStarving(
  grant: Record<Tier, number>,
  slots: number,
  tiers: readonly Tier[],
  { shares, demand }: SlotDemand,
): Record<Tier, number> {
  const weight = tiers.reduce((sum, tier) => sum + shares[tier], 0);
  const surplus = (tier: Tier) =>
    grant[tier] < 2 ? Number.NEGATIVE_INFINITY : grant[tier] - (slots * shares[tier]) / weight;
  for (const starving of tiers.filter((tier) => demand[tier] > 0 && grant[tier] === 0)) {
    const richest = tiers.reduce((most, tier) => (surplus(tier) > surplus(most) ? tier : most));
    if (grant[richest] < 2) continue;
    grant[richest] -= 1;
    grant[starving] += 1;
  }
  return grant;
}

/** While a tier still holds more than its grant, the others wait for that room, the least urgent first. */
function withholdOverhang(grant: Record<Tier, number>, { slots, busy, criticalReserve }: SlotDemand) {
  const held = (tier: Tier) => Math.max(grant[tier], busy[tier]);
  let over = TIERS.reduce((sum, tier) => sum + held(tier), 0) - slots;
  for (const tier of [...TIERS].reverse()) {
    const keep = tier === "critical" ? Math.max(busy[tier], criticalReserve) : busy[tier];
    const cut = Math.max(0, Math.min(over, grant[tier] - keep));
    grant[tier] -= cut;
    over -= cut;
  }
  return grant;
}
