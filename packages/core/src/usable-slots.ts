export interface SlotPressure {
  /** Slots of the worker process. */
  readonly slots: number;
  /** How many of them could be filled so far. */
  readonly usable: number;
  /** Tasks that hold a slot. */
  readonly busy: number;
  /** Mean lateness of the process's event loop since the last time. */
  readonly lagMs: number;
}

/** An event loop later than this has more to do than CPU to do it with. */
const LATE_MS = 10;
const FEWER = 0.8;
const MORE = 0.05;
/** Slots also hold visits that only wait, to hung domains for instance: those must not use up what is left. */
const LEAST = 0.5;

/**
 * How many of its slots a worker may fill. A slot is cheap while its visit waits and dear while it computes: when the
 * event loop is late, more visits do not make more pages, they only make each step of every visit later, those of
 * critical too. So a late worker takes fewer, and more again, a twentieth of
 * its slots at a time, once it is on time and nearly all are busy.
 */
export function usableSlots({ slots, usable, busy, lagMs }: SlotPressure): number {
  if (lagMs > LATE_MS) return Math.max(Math.ceil(slots * LEAST), Math.floor(Math.min(usable, busy) * FEWER));
  if (lagMs < LATE_MS / 2 && busy >= usable * 0.9) return Math.min(slots, usable + Math.ceil(slots * MORE));
  return usable;
}
