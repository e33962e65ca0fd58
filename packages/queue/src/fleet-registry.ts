import type { Overload, Usage, VisitCounts } from "@bee/core";
import type { Redis } from "ioredis";
import { type Count, tellCounts } from "./fleet-totals.ts";
import { connectionsKey, desiredKey, runnableKey, workerKey, workersKey } from "./keys.ts";
import type { Runnable } from "./queue-age.ts";

/** How a worker does: what it uses of its machine, and how its visits of the last monitor interval went. */
export interface Vitals extends Usage {
  readonly overload: Overload | null;
  /** Milliseconds that sites took to answer, bodies included: 95 of 100 visits took no longer; null without a request. */
  readonly p95Ms: number | null;
  /** The mean of the same. */
  readonly meanMs: number | null;
  /** Mean milliseconds for which visits held their slots, waits at gates and for Postgres included. */
  readonly taskMs: number | null;
  readonly visits: VisitCounts;
}

/** How a worker does: what it uses of its machine, and how its visits of the last monitor interval went. */
export interface Vitals extends Usage {
  readonly overload: Overload | null;
  /** Milliseconds that sites took to answer, bodies included: 95 of 100 visits took no longer; null without a request. */
  readonly p95Ms: number | null;
  /** The mean of the same. */
  readonly meanMs: number | null;
  /** Mean milliseconds for which visits held their slots, waits at gates and for Postgres included. */
  readonly taskMs: number | null;
  readonly visits: VisitCounts;
}

/** What a worker says of itself with each heartbeat. */
export interface WorkerReport extends Vitals {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly region: string;
  readonly class: string;
  /** `holding`: it takes nothing while Postgres is away. */
  readonly state: "starting" | "working" | "holding" | "stopping";
  readonly slots: number;
  readonly busy: number;
  /** Slots that it can fill; fewer than it has while its event loop is late. */
  readonly usable: number;
  /** Mean milliseconds by which its event loop was late. */
  readonly lagMs: number;
  /** Milliseconds that Redis took for its last heartbeat. */
  readonly redisMs: number;
  /** Milliseconds since it last took a task; null before the first. */
  readonly sinceTakenMs: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Set by the process that spawned it: who may retire it. */
  readonly owner: string | null;
}

/** What the workers of the fleet claim of the database's connections, the one that asks included. */
export interface ClaimedConnections {
  readonly workers: number;
  /** What they may open together. */
  readonly connections: number;
}

/** Heartbeats come this often; a worker that missed seven is gone. */
export const HEARTBEAT_MS = 2_000;
const GONE_MS = 15_000;

/** Which workers live, whoever started them. */
export class FleetRegistry {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * @param connections how many database connections the worker may open from now on.
   * @param counts what it has counted and not told yet.
   * @returns what all workers together claim. Two that claim at once see each other's claim: one transaction does both.
   */
  async report(
    worker: WorkerReport,
    connections: number,
    counts: readonly Count[] = [],
  ): Promise<ClaimedConnections> {
    const multi = this.#redis.multi();
    tellCounts(multi, worker.id, counts);
    const replies = await multi
      .set(workerKey(worker.id), JSON.stringify(worker), "PX", GONE_MS)
      .zadd(workersKey(), Date.now(), worker.id)
      .hset(connectionsKey(), worker.id, connections)
      .hvals(connectionsKey())
      .exec();
    const claims = replies!.at(-1)![1] as string[];
    return { workers: claims.length, connections: claims.reduce((sum, claim) => sum + Number(claim), 0) };
  }

  async leave(id: string, counts: readonly Count[] = []): Promise<void> {
    const multi = this.#redis.multi();
    tellCounts(multi, id, counts);
    await multi.del(workerKey(id)).zrem(workersKey(), id).hdel(connectionsKey(), id).exec();
  }

  /** Publishes how many workers there should be; the number lapses with the scaler that renews it. */
  async publishDesired(workers: number): Promise<void> {
    await this.#redis.set(desiredKey(), workers, "PX", GONE_MS);
  }

  /** Publishes which work waits for a slot, and for how long; lapses as the wish does. */
  async publishRunnable(runnable: Runnable): Promise<void> {
    await this.#redis.set(runnableKey(), JSON.stringify(runnable), "PX", GONE_MS);
  }

  /** Null while no scaler lives. */
  async readRunnable(): Promise<Runnable | null> {
    const runnable = await this.#redis.get(runnableKey());
    return runnable === null ? null : JSON.parse(runnable);
  }

  /** How many workers the scaler wants; null while no scaler lives. */
  async readDesired(): Promise<number | null> {
    const desired = await this.#redis.get(desiredKey());
    return desired === null ? null : Number(desired);
  }

  /** The living workers, in the order of their start; forgets those that are gone, and what they claimed. */
  async list(): Promise<WorkerReport[]> {
    const ids = await this.#redis.zrange(workersKey(), "0", "-1");
    if (ids.length === 0) return [];
    const reports = await this.#redis.mget(ids.map((id) => workerKey(id)));
    const gone = ids.filter((_, i) => reports[i] === null);
    if (gone.length > 0) {
      await this.#redis
        .multi()
        .zrem(workersKey(), ...gone)
        .hdel(connectionsKey(), ...gone)
        .exec();
    }
    return reports
      .filter((report) => report !== null)
      .map((report): WorkerReport => JSON.parse(report))
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }
}
