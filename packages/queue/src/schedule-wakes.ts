import { type Log, messageOf } from "@bee/core";
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { QUEUE_PREFIX } from "./keys.ts";

/** A schedule that is to wake somebody, and when. */
export interface Wakening {
  readonly id: string;
  readonly at: Date;
}

const NAME = "schedules";
const SETTINGS = {
  // A wake-up is set for one moment: Postgres knows when the one after is due, and says so once it has come.
  repeatStrategy: (now: number, { pattern }: { readonly pattern?: string }) => {
    const at = Date.parse(pattern!);
    return at > now ? at : undefined;
  },
};
const TASK_OPTIONS = { removeOnComplete: true, removeOnFail: true } as const;

/**
 * Wakes whoever starts schedules at the moment when one is due: a BullMQ job scheduler for each. What is due is in
 * Postgres; a wake-up that comes too early, twice or for nothing does no harm, and one that is lost makes a run late by
 * seconds.
 */
export class ScheduleWakes {
  readonly #queue: Queue;

  constructor(redis: Redis) {
    this.#queue = new Queue(NAME, { connection: redis, prefix: QUEUE_PREFIX, settings: SETTINGS });
    // Lost connections are reported by the connection itself.
    this.#queue.on("error", () => {});
  }

  /** Sets the wake-up of a schedule, in place of the one that it had; at once for a moment that is past. */
  async set({ id, at }: Wakening): Promise<void> {
    if (at.getTime() <= Date.now()) return this.now(id);
    await this.#queue.upsertJobScheduler(
      id,
      { pattern: at.toISOString() },
      { name: "due", opts: TASK_OPTIONS },
    );
  }

  async unset(id: string): Promise<void> {
    await this.#queue.removeJobScheduler(id);
  }

  /** Wakes at once. @param why one wake-up for it is enough. */
  async now(why: string): Promise<void> {
    await this.#queue.add("now", {}, { ...TASK_OPTIONS, jobId: `now-${why}` });
  }

  /** How many schedules have a wake-up. */
  count(): Promise<number> {
    return this.#queue.getJobSchedulersCount();
  }

  /** Makes the wake-ups those of these schedules and no others. @returns how many were not. */
  async agree(runs: readonly Wakening[]): Promise<number> {
    const known = new Map(
      (await this.#queue.getJobSchedulers(0, -1)).map(({ key, pattern }) => [key, pattern] as const),
    );
    const wrong = runs.filter(({ id, at }) => known.get(id) !== at.toISOString());
    for (const run of wrong) await this.set(run);
    const wanted = new Set(runs.map(({ id }) => id));
    const stray = [...known.keys()].filter((id) => !wanted.has(id));
    for (const id of stray) await this.unset(id);
    return wrong.length + stray.length;
  }

  close(): Promise<void> {
    return this.#queue.close();
  }
}

/** Hears wake-ups; one at a time, for each looks at everything that is due. */
export class ScheduleWaker {
  readonly #worker: Worker;

  constructor(redis: Redis, wake: () => Promise<unknown>, log: Log) {
    this.#worker = new Worker(
      NAME,
      async () => {
        await wake();
      },
      { connection: redis, prefix: QUEUE_PREFIX, settings: SETTINGS, autorun: false, concurrency: 1 },
    );
    this.#worker.on("error", (error) => log.debug("schedule wake-ups", { error: messageOf(error) }));
    this.#worker.on("failed", (_job, error) =>
      log.warn("a wake-up of schedules failed", { error: messageOf(error) }),
    );
  }

  start(): void {
    this.#worker.run().catch(() => {});
  }

  stop(): Promise<void> {
    return this.#worker.close();
  }
}
