import type { Fleet, Log, ScalingBounds } from "@bee/core";
import { countDecision, type FleetRegistry, type QueueAge, type Redis } from "@bee/queue";
import { type Database, readWorkload, recordDecision } from "@bee/store";
import { type Demand, decideScale } from "./scale-decision.ts";
import type { WorkerDriver } from "./worker-driver.ts";

export interface ScalingOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly fleet: Fleet;
  readonly registry: FleetRegistry;
  readonly queueAge: QueueAge;
  readonly workers: WorkerDriver;
  readonly bounds: ScalingBounds;
  readonly scaleDownDelayMs: number;
  readonly log: Log;
}

/** Keeps the number of workers that the demand asks for, and records each change with its reason. */
export class Scaling {
  readonly #options: ScalingOptions;
  #lowerSince: number | undefined;
  #upAt = Number.NEGATIVE_INFINITY;

  constructor(options: ScalingOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<void> {
    const { db, fleet, registry, queueAge, workers, bounds, scaleDownDelayMs } = this.#options;
    const [workload, runnable] = await Promise.all([readWorkload(db, fleet), queueAge.read()]);
    await workers.endStuck(runnable);
    const { current, slots } = await workers.survey();
    const now = performance.now();
    const demand = { ...workload, runnable, slots };
    const { to, lower, reason } = decideScale({
      ...demand,
      current,
      bounds,
      scaleDownDelayMs,
      lowerForMs: now - (this.#lowerSince ?? now),
      sinceUpMs: now - this.#upAt,
    });
    // Demand that reaches the current number once begins the delay anew.
    this.#lowerSince = lower ? (this.#lowerSince ?? now) : undefined;
    await registry.reportScaling(fleet, { desired: to, runnable, troubles: workers.troubles() });
    const changed = to > current ? workers.add(to - current) : -(await workers.retire(current - to));
    // Workers that others started are not ours to retire, and those that end at once are not started all the time: what
    // did not happen is no decision.
    if (changed === 0) return;
    if (changed > 0) this.#upAt = now;
    await this.#record({ from: current, to: current + changed, reason }, demand);
  }

  async #record(decision: { from: number; to: number; reason: string }, demand: Demand): Promise<void> {
    const { db, redis, fleet, log } = this.#options;
    log.info("scaling", decision);
    await countDecision(redis, decision.to > decision.from ? "up" : "down");
    await recordDecision(db, { ...decision, region: fleet.region, class: fleet.workerClass, inputs: demand });
  }
}
