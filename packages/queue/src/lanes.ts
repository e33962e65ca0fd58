import {
  grantSlots,
  type Log,
  messageOf,
  type PerTier,
  perTier,
  shedSlots,
  TIER_SHARES,
  TIERS,
  type Tier,
  usableSlots,
} from "@bee/core";
import { type Job, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { QUEUE_PREFIX } from "./keys.ts";
import { LoopLag } from "./loop-lag.ts";
import { type Queues, queueName, type Tasks } from "./queues.ts";
import { unpackVisit } from "./visit-data.ts";

/**
 * Carries out one task; `put-back` when the signal ended it and another worker shall have it.
 * @param deaths workers that died, or stood still for too long, while they had this task.
 */
export type TaskHandler<T> = (task: T, signal: AbortSignal, deaths: number) => Promise<"done" | "put-back">;
export type TaskHandlers = { readonly [Name in keyof Tasks]: TaskHandler<Tasks[Name]> };

export interface LanesOptions {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly region: string;
  readonly workerClass: string;
  readonly slots: number;
  readonly handlers: TaskHandlers;
  readonly log: Log;
  /** How long a lock holds without being renewed, and how often lapsed ones are looked for. */
  readonly locks?: { readonly lockMs: number; readonly checkMs: number };
}

/** How much a worker has to do, and whether it gets to it. */
export interface Load {
  readonly busy: number;
  readonly usable: number;
  readonly lagMs: number;
  readonly sinceTakenMs: number | null;
}

/** BullMQ's queue of the tasks that a worker has under way; its main loop waits on it. */
interface LoopInternals {
  readonly mainLoopQueue: { add(promise: Promise<void>): void } | null;
}

/** How often slots are divided anew; a critical task does not depend on it, its lane always has room. */
const GRANT_MS = 250;
/** A twentieth of the slots, so that a health check never queues behind bulk work. */
const RESERVE_PART = 20;

/**
 * The tasks of a worker that dies are taken up by others after the lock and at most two checks: 25 s, so that work goes
 * on within half a minute. A worker renews its locks at half their time; shorter ones would be lost to a busy machine.
 */
const LOCKS = { lockMs: 15_000, checkMs: 5_000 };
/** BullMQ fails a task for good after so many deaths of its worker (default 1): far above our own limits. */
const MAX_STALLED = 20;

/**
 * The lanes of a worker: four BullMQ workers, one a tier, whose concurrency follows `grantSlots`. So no tier's share
 * depends on which worker its tasks meet, and idle share is lent within a quarter of a second.
 */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #workers: PerTier<Worker>;
  readonly #busy = perTier(() => 0);
  readonly #lag = new LoopLag();
  #lagMs = 0;
  #usable: number;
  /** How many slots may be filled at all. */
  #allowed: number;
  #takenAt: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onIdle: (() => void) | undefined;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#usable = options.slots;
    this.#allowed = options.slots;
    this.#workers = perTier((tier) => this.#createWorker(tier));
  }

  /** Tasks that hold a slot. */
  get busy(): number {
    return TIERS.reduce((sum, tier) => sum + this.#busy[tier], 0);
  }

  get load(): Load {
    const sinceTakenMs = this.#takenAt === undefined ? null : Math.round(performance.now() - this.#takenAt);
    const usable = Math.min(this.#usable, this.#allowed);
    return { busy: this.busy, usable, lagMs: Math.round(this.#lagMs), sinceTakenMs };
  }

  start(): void {
    this.#lag.start();
    for (const tier of TIERS) {
      this.#workers[tier].run().catch((error) => this.#report(tier, error));
    }
    this.#timer = setInterval(() => this.#grant().catch((error) => this.#report("grant", error)), GRANT_MS);
  }

  /** Fills at most so many slots from now on, the most urgent tiers first; tasks that have one keep it. */
  allow(slots: number): void {
    this.#allowed = slots;
  }

  /** Takes no tasks until {@link goOn}; those under way keep their slots. */
  async hold(): Promise<void> {
    await Promise.all(TIERS.map((tier) => this.#workers[tier].pause(true)));
  }

  async goOn(): Promise<void> {
    await Promise.all(TIERS.map((tier) => this.#workers[tier].resume()));
  }

  /** Takes no more tasks; those that do not end within the grace time go back to the front of their queues. */
  async stop(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    this.#lag.stop();
    const workers = TIERS.map((tier) => this.#workers[tier]);
    await this.hold();
    await this.#idleWithin(graceMs);
    for (const worker of workers) worker.cancelAllJobs("the worker stops");
    await Promise.all(workers.map((worker) => worker.close()));
  }

  #createWorker(tier: Tier): Worker {
    const { redis, region, workerClass, locks = LOCKS } = this.#options;
    const worker = new Worker(
      queueName(tier, region, workerClass),
      // BullMQ passes the signal only to a function that declares it.
      (job, token, signal) => this.#process(tier, job, token!, signal!),
      {
        connection: redis,
        prefix: QUEUE_PREFIX,
        autorun: false,
        // Its share, until the first division.
        concurrency: Math.max(1, Math.floor((this.#options.slots * TIER_SHARES[tier]) / 100)),
        lockDuration: locks.lockMs,
        stalledInterval: locks.checkMs,
        maxStalledCount: MAX_STALLED,
        // Every outcome is in Postgres before a task ends, so an ended task is of no further use.
        removeOnComplete: { count: 0 },
      },
    );
    // Most are lost connections, which the connection itself reports once, and this for every try.
    worker.on("error", (error) => this.#options.log.debug("lane", { lane: tier, error: messageOf(error) }));
    worker.on("failed", (job, error) => this.#report(tier, error, job?.id));
    // Its task may be running elsewhere by now: this visit must not go on.
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) worker.cancelJob(id, "the lock was lost");
    });
    return worker;
  }

  async #process(tier: Tier, job: Job, token: string, signal: AbortSignal): Promise<void> {
    this.#busy[tier] += 1;
    this.#takenAt = performance.now();
    try {
      const handle = this.#options.handlers[job.name as keyof Tasks] as TaskHandler<unknown>;
      if ((await handle(taskOf(job), signal, job.stalledCounter)) === "done") return;
      await job.moveToWait(token);
      throw new WaitingError();
    } finally {
      this.#busy[tier] -= 1;
      if (this.busy === 0) this.#onIdle?.();
    }
  }

  async #grant(): Promise<void> {
    const { queues, slots } = this.#options;
    this.#lagMs = this.#lag.read();
    this.#usable = usableSlots({ slots, usable: this.#usable, busy: this.busy, lagMs: this.#lagMs });
    const waiting = await queues.waiting();
    const criticalReserve = Math.ceil(slots / RESERVE_PART);
    const grants = grantSlots({
      slots: this.#usable,
      shares: TIER_SHARES,
      demand: perTier((tier) => waiting[tier] + this.#busy[tier]),
      busy: this.#busy,
      criticalReserve,
    });
    const allowed = shedSlots({ grants, allowed: this.#allowed, shares: TIER_SHARES, criticalReserve });
    // An idle lane keeps listening with one slot: its first task must not wait for the next division.
    for (const tier of TIERS) setConcurrency(this.#workers[tier], Math.max(1, allowed[tier]));
  }

  async #idleWithin(graceMs: number): Promise<void> {
    if (this.busy === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, graceMs);
    this.#onIdle = resolve;
    await promise;
    clearTimeout(timer);
  }

  #report(lane: string, error: unknown, task?: string): void {
    if (error instanceof WaitingError) return;
    this.#options.log.warn("lane", { lane, task, error: messageOf(error) });
  }
}

/**
 * BullMQ looks at its concurrency only when a task of the worker ends: without a nudge a lane whose one task is a long
 * visit would stay a lane of one. The nudge is the one that `Worker.resume()` gives; the version is pinned, and
 * lanes.test.ts holds it.
 */
function setConcurrency(worker: Worker, slots: number): void {
  const wider = slots > worker.concurrency;
  worker.concurrency = slots;
  if (wider) (worker as unknown as LoopInternals).mainLoopQueue?.add(Promise.resolve());
}

/** The queues hold what Queues put there: a name, and the data that goes with it. */
function taskOf({ name, data }: Job): unknown {
  return name === "visit" ? unpackVisit(data) : data;
}
