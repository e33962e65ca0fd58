import type { Redis } from "ioredis";
import { desiredKey, workerKey, workersKey } from "./keys.ts";

/** What a worker says of itself with each heartbeat. */
export interface WorkerReport {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly region: string;
  readonly class: string;
  readonly state: "starting" | "working" | "stopping";
  readonly slots: number;
  readonly busy: number;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Set by the process that spawned it: who may retire it. */
  readonly owner: string | null;
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

  async report(worker: WorkerReport): Promise<void> {
    await this.#redis
      .multi()
      .set(workerKey(worker.id), JSON.stringify(worker), "PX", GONE_MS)
      .zadd(workersKey(), Date.now(), worker.id)
      .exec();
  }

  async leave(id: string): Promise<void> {
    await this.#redis.multi().del(workerKey(id)).zrem(workersKey(), id).exec();
  }

  /** Publishes how many workers there should be; the number lapses with the scaler that renews it. */
  async publishDesired(workers: number): Promise<void> {
    await this.#redis.set(desiredKey(), workers, "PX", GONE_MS);
  }

  /** How many workers the scaler wants; null while no scaler lives. */
  async readDesired(): Promise<number | null> {
    const desired = await this.#redis.get(desiredKey());
    return desired === null ? null : Number(desired);
  }

  /** The living workers, in the order of their start. */
  async list(): Promise<WorkerReport[]> {
    const ids = await this.#redis.zrange(workersKey(), "0", "-1");
    if (ids.length === 0) return [];
    const reports = await this.#redis.mget(ids.map((id) => workerKey(id)));
    const gone = ids.filter((_, i) => reports[i] === null);
    if (gone.length > 0) await this.#redis.zrem(workersKey(), ...gone);
    return reports
      .filter((report) => report !== null)
      .map((report): WorkerReport => JSON.parse(report))
      .sort((a, b) => a.startedAt.localeCompare(b.startedAt));
  }
}
