import { type PerTier, perTier, TIERS } from "@bee/core";
import type { Queues } from "./queues.ts";

/** Tasks that any worker could carry out now. */
export interface Runnable {
  readonly tasks: number;
  /** Milliseconds that at least one of them has been waiting. */
  readonly oldestMs: number;
}

interface Mark {
  readonly task: string;
  readonly since: number;
}

/**
 * How long runnable tasks wait for a slot. Their own time stamps are of the clocks of those who enqueued them, and a
 * delayed task bears the time at which it was delayed; so a task is watched: the newest one of a queue is remembered,
 * and as long as it is still there, it and all before it have waited since.
 */
export class QueueAge {
  readonly #queues: Queues;
  readonly #now: () => number;
  #marks: PerTier<Mark | null> = perTier(() => null);

  constructor(queues: Queues, now: () => number = () => performance.now()) {
    this.#queues = queues;
    this.#now = now;
  }

  /** One round trip. Call it regularly: a wait that begins between two calls is seen by the one after the next. */
  async read(): Promise<Runnable> {
    const ends = await this.#queues.waitingEnds(perTier((tier) => this.#marks[tier]?.task ?? null));
    const now = this.#now();
    this.#marks = perTier((tier) => {
      const { newest, stillWaits } = ends[tier];
      if (stillWaits) return this.#marks[tier];
      return newest === null ? null : { task: newest, since: now };
    });
    const ages = TIERS.map((tier) => now - (this.#marks[tier]?.since ?? now));
    return {
      tasks: TIERS.reduce((sum, tier) => sum + ends[tier].waiting, 0),
      oldestMs: Math.max(...ages),
    };
  }
}
