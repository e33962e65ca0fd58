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

/**
 * Hands out the slots one by one, each to the hungry tier that has the least for its share (the method of Webster and
 * Sainte-Laguë, so more slots never mean fewer for a tier); a tier that has none yet comes first, so that none starves.
 */
function divide(slots: number, tiers: readonly Tier[], { shares, demand }: SlotDemand): Record<Tier, number> {
  const grant = perTier(() => 0);
  const served = (tier: Tier) => (grant[tier] === 0 ? 0 : (grant[tier] + 0.5) / shares[tier]);
  for (let free = slots; free > 0; free -= 1) {
    let next: Tier | undefined;
    for (const tier of tiers) {
      if (grant[tier] < demand[tier] && (next === undefined || served(tier) < served(next))) next = tier;
    }
    if (next === undefined) break;
    grant[next] += 1;
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
