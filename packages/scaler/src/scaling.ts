import type { Fleet, Log, ScalingBounds } from "@bee/core";
import { countDecision, type FleetRegistry, type QueueAge, type Redis } from "@bee/queue";
import { type Database, readWorkload, recordDecision } from "@bee/store";
import { type Demand, decideScale } from "./scale-decision.ts";
import { ScaleHistory } from "./scale-history.ts";
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

/**
 * Keeps the number of workers that the demand asks for, and records each change with its reason, and also why there is
 * none when a backlog begins that more workers would not make faster.
 */
export class Scaling {
  readonly #options: ScalingOptions;
  #history: ScaleHistory;

  constructor(options: ScalingOptions) {
    this.#options = options;
    this.#history = new ScaleHistory(options.scaleDownDelayMs);
  }

  begin(): void {
    const { workers, scaleDownDelayMs } = this.#options;
    this.#history = new ScaleHistory(scaleDownDelayMs);
    workers.begin?.();
  }

  async runOnce(): Promise<void> {
    const { db, fleet, registry, queueAge, workers, bounds, scaleDownDelayMs } = this.#options;
    const [workload, runnable] = await Promise.all([readWorkload(db, fleet), queueAge.read()]);
    await workers.endStuck(runnable);
    const { current, slots } = await workers.survey();
    const now = performance.now();
    const demand = { ...workload, runnable, slots };
    const decision = decideScale({
      ...demand,
      ...this.#history.at(now),
      current,
      bounds,
      scaleDownDelayMs,
    });
    const { to, reason } = decision;
    await registry.reportScaling(fleet, { desired: to, runnable, troubles: workers.troubles() });
    // Workers that others started are not ours to retire, and those that end at once are not started all the time: what
    // did not happen is no decision.
    const changed = to > current ? workers.add(to - current) : -(await workers.retire(current - to));
    const isTold = this.#history.add(now, decision, current, changed);
    if (isTold) await this.#record({ from: current, to: current + changed, reason }, demand);
  }

  async #record(decision: { from: number; to: number; reason: string }, demand: Demand): Promise<void> {
    const { db, redis, fleet, log } = this.#options;
    log.info("scaling", decision);
    // One that tells why the fleet stays as it is goes nowhere.
    if (decision.to !== decision.from)
      await countDecision(redis, decision.to > decision.from ? "up" : "down");
    await recordDecision(db, { ...decision, region: fleet.region, class: fleet.workerClass, inputs: demand });
  }
}
