import type { Tier } from "./tier.ts";

/** What speaks against taking more work. */
export interface Pressure {
  /** More than half of the workers lack CPU or memory. */
  readonly overloaded: boolean;
  /** Redis uses more than nine tenths of the memory that it may use. */
  readonly redisFull: boolean;
}

export const NO_PRESSURE: Pressure = Object.freeze({ overloaded: false, redisFull: false });

/**
 * Why a new job is to be refused, or null. Bulk work can wait for an overloaded fleet to recover; health checks and
 * premium jobs are few, and what the slots are shared for. A Redis without room could not hold anybody's tasks.
 */
export function whyRefused(tier: Tier, { overloaded, redisFull }: Pressure): keyof Pressure | null {
  if (redisFull) return "redisFull";
  return overloaded && (tier === "normal" || tier === "low") ? "overloaded" : null;
}
