import type { AlertName, AlertReading, Log } from "@bee/core";
import { messageOf } from "@bee/core";
import { type FleetRegistry, type Redis, readRedisMemory, sumRunnable } from "@bee/queue";
import {
  countJobsByRegion,
  type Database,
  readFailingChannels,
  readFailingWebhooks,
  readProgress,
} from "@bee/store";
import {
  crashLoop,
  deadRegions,
  errorRate,
  failingChannels,
  failingWebhooks,
  noProgress,
  queueDepth,
  redisMemory,
  responseTime,
  stuckWorkers,
} from "./figures.ts";

/** What each alert is judged by, one reading of each subject; null where it cannot be read now. */
export type Readings = Readonly<Record<AlertName, readonly AlertReading[] | null>>;

export interface ReadingsOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly registry: FleetRegistry;
  /** Names of the channels that alerts go to. */
  readonly channels: readonly string[];
  readonly log: Log;
}

/** Reads all fleets for their alerts: ten small questions to the stores. */
export class AlertReadings {
  readonly #options: ReadingsOptions;
  #progress: { readonly mark: string; readonly since: number } | undefined;

  constructor(options: ReadingsOptions) {
    this.#options = options;
  }

  async read(): Promise<Readings> {
    const { db, redis, registry, channels } = this.#options;
    const [fleet, scaled, stillMs, memory, jobs, failing, webhooks] = await Promise.all([
      this.#ask("the workers", () => this.#readFleet()),
      this.#ask("the scalers", () => registry.listScaled()),
      this.#ask("the progress", () => this.#stillMs()),
      this.#ask("Redis's memory", () => readRedisMemory(redis)),
      this.#ask("the regions", () => countJobsByRegion(db)),
      this.#ask("the channels", () => readFailingChannels(db, channels)),
      this.#ask("the webhooks", () => readFailingWebhooks(db)),
    ]);
    const reports = fleet?.workers ?? null;
    const runnable = scaled && sumRunnable(scaled);
    return {
      queue_depth_high: runnable && queueDepth(runnable),
      response_time_high: reports && responseTime(reports),
      error_rate_high: reports && errorRate(reports),
      worker_crash_loop: scaled && crashLoop(scaled),
      worker_stuck: scaled && stuckWorkers(scaled),
      no_progress: runnable && stillMs !== null ? noProgress(runnable, stillMs) : null,
      redis_memory_high: memory && redisMemory(memory),
      region_down: jobs && fleet && deadRegions(jobs, fleet.workers, fleet.lost),
      webhook_failing: failing && webhooks && [...failingChannels(failing), ...failingWebhooks(webhooks)],
    };
  }

  async #readFleet() {
    const { registry } = this.#options;
    const workers = await registry.list();
    return { workers, lost: await registry.listLostRegions(workers) };
  }

  /** What cannot be read is unknown, and keeps no other alert from being judged. */
  async #ask<T>(what: string, read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      this.#options.log.warn("alerts could not be judged", { without: what, error: messageOf(error) });
      return null;
    }
  }

  /** Milliseconds since any work was seen to be done. */
  async #stillMs(): Promise<number> {
    const mark = await readProgress(this.#options.db);
    const now = performance.now();
    if (this.#progress?.mark !== mark) this.#progress = { mark, since: now };
    return now - this.#progress.since;
  }
}
