import type { Log, ScalingBounds } from "@bee/core";
import type { FleetRegistry } from "@bee/queue";
import { countActiveJobs, type Database, recordDecision } from "@bee/store";
import { decideScale } from "./scale-decision.ts";
import type { WorkerPool } from "./worker-pool.ts";

export interface ScalingOptions {
  readonly db: Database;
  readonly registry: FleetRegistry;
  readonly pool: WorkerPool;
  readonly bounds: ScalingBounds;
  readonly scaleDownDelayMs: number;
  readonly log: Log;
}

/** Keeps the number of workers that the scaling law asks for, and records each change with its reason. */
export class Scaling {
  readonly #options: ScalingOptions;
  #lowerSince: number | undefined;

  constructor(options: ScalingOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<void> {
    const { db, registry, pool, bounds, scaleDownDelayMs } = this.#options;
    const [activeJobs, current] = await Promise.all([countActiveJobs(db), pool.count()]);
    const lowerForMs = this.#lowerSince === undefined ? 0 : performance.now() - this.#lowerSince;
    const { to, lower, reason } = decideScale({ activeJobs, current, bounds, scaleDownDelayMs, lowerForMs });
    // Demand that reaches the current number once begins the delay anew.
    this.#lowerSince = lower ? (this.#lowerSince ?? performance.now()) : undefined;
    await registry.publishDesired(to);
    if (to === current) return;
    if (to > current) {
      pool.add(to - current);
      await this.#record(current, to, reason);
    } else {
      // Workers that others started are not ours to retire: what did not happen is no decision.
      const retired = await pool.retire(current - to);
      if (retired > 0) await this.#record(current, current - retired, reason);
    }
  }

  async #record(from: number, to: number, reason: string): Promise<void> {
    this.#options.log.info("scaling", { from, to, reason });
    await recordDecision(this.#options.db, from, to, reason);
  }
}
