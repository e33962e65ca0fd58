import type { Fleet } from "@bee/core";
import type { Redis } from "ioredis";
import { spawnedKey } from "./keys.ts";

/** A worker that has not reported itself by then is stuck, and no worker of ours any more. */
const REPORTS_WITHIN_MS = 60_000;

/**
 * The pids of workers of a fleet that scalers of one owner have started on one machine a moment ago. A worker reports itself only
 * when its code is loaded, which takes seconds where many start at once: a scaler that follows one that was killed
 * meanwhile would start them a second time. Times are of that machine's clock.
 */
export class SpawnedWorkers {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, fleet: Fleet, owner: string, host: string) {
    this.#redis = redis;
    this.#key = spawnedKey(fleet, owner, host);
  }

  async add(pid: number): Promise<void> {
    await this.#redis.multi().zadd(this.#key, Date.now(), pid).pexpire(this.#key, REPORTS_WITHIN_MS).exec();
  }

  /** Takes one out that has ended, or was asked to. */
  async remove(pid: number): Promise<void> {
    await this.#redis.zrem(this.#key, pid);
  }

  async list(): Promise<number[]> {
    const pids = await this.#redis.zrange(this.#key, Date.now() - REPORTS_WITHIN_MS, "+inf", "BYSCORE");
    return pids.map(Number);
  }
}
