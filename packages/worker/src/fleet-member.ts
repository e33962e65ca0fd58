import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Config } from "@bee/core";
import type { Load, WorkerReport } from "@bee/queue";
import { VitalSigns } from "./vitals.ts";
import { readLimits } from "./vitals-limits.ts";

/** A worker as the fleet sees it. */
export class FleetMember {
  readonly id = randomUUID();
  state: Exclude<WorkerReport["state"], "holding"> = "starting";
  /** Whether it takes no tasks because Postgres is away. */
  holding = (): boolean => false;
  /** Milliseconds that Redis took for the last heartbeat. */
  redisMs = 0;
  readonly vitals: VitalSigns;
  /** How much it has to do. */
  load: () => Load;
  readonly #config: Config;
  readonly #owner: string | null;
  readonly #startedAt = new Date().toISOString();

  constructor(config: Config, owner: string | null) {
    this.#config = config;
    this.#owner = owner;
    this.vitals = new VitalSigns(config.monitorIntervalMs, readLimits());
    this.load = () => ({ busy: 0, usable: config.slots, lagMs: 0, sinceTakenMs: null });
  }

  get region(): string {
    return this.#config.region;
  }

  report(): WorkerReport {
    const { region, workerClass, slots } = this.#config;
    return {
      id: this.id,
      pid: process.pid,
      host: hostname(),
      region,
      class: workerClass,
      state: this.state === "working" && this.holding() ? "holding" : this.state,
      slots,
      ...this.load(),
      ...this.vitals.read(),
      redisMs: this.redisMs,
      startedAt: this.#startedAt,
      owner: this.#owner,
    };
  }
}
