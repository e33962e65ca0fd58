import { type PerTier, TIERS } from "./tier.ts";

export interface SlotLoad {
  /** Slots of the worker process. */
  readonly slots: number;
  /** How many of them could be filled so far. */
  readonly allowed: number;
  /** Tasks that hold a slot. */
  readonly busy: number;
  readonly overloaded: boolean;
}

const FEWER = 0.8;
const MORE = 0.05;
/** Pages that answer at once fill a core from few slots; a worker whose memory stays full must still work. */
const LEAST = 0.1;

/**
 * How many of its slots a worker may fill that lacks CPU or memory: a fifth less than were busy, and, when it is at ease
 * again, a twentieth of all more each time. Ask it as often as the load is measured anew, so that each step sees what the
 * one before has brought.
 */
export function allowedSlots({ slots, allowed, busy, overloaded }: SlotLoad): number {
  if (overloaded) return Math.max(Math.ceil(slots * LEAST), Math.floor(Math.min(allowed, busy) * FEWER));
  return Math.min(slots, allowed + Math.ceil(slots * MORE));
}

export interface ShedInput {
  /** As if the worker could fill all its slots. */
  readonly grants: PerTier<number>;
  /** How many it may fill. */
  readonly allowed: number;
  /** Weight of each tier under contention. */
  readonly shares: PerTier<number>;
  readonly criticalReserve: number;
}

/**
 * Takes back what an overloaded worker may not fill: the least urgent tier gives first, down to its share of what is
 * allowed, and one slot, so that none starves. So idle share that was lent goes first, and where all tiers have work
 * the shares stay as they are.
 */
export function shedSlots({ grants, allowed, shares, criticalReserve }: ShedInput): PerTier<number> {
  const left = { ...grants };
  const weight = TIERS.reduce((sum, tier) => sum + shares[tier], 0);
  let over = TIERS.reduce((sum, tier) => sum + grants[tier], 0) - allowed;
  for (const tier of [...TIERS].reverse()) {
    const share = Math.max(1, Math.floor((allowed * shares[tier]) / weight));
    const keep = tier === "critical" ? Math.max(share, criticalReserve) : share;
    const cut = Math.max(0, Math.min(over, grants[tier] - keep));
    left[tier] -= cut;
    over -= cut;
  }
  return left;
}
