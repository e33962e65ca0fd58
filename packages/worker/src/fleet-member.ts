import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Config } from "@bee/core";
import type { WorkerReport } from "@bee/queue";

/** A worker as the fleet sees it. */
export class FleetMember {
  readonly id = randomUUID();
  state: WorkerReport["state"] = "starting";
  /** How many of its slots are taken. */
  busy = (): number => 0;
  readonly #config: Config;
  readonly #owner: string | null;
  readonly #startedAt = new Date().toISOString();

  constructor(config: Config, owner: string | null) {
    this.#config = config;
    this.#owner = owner;
  }

  report(): WorkerReport {
    const { region, workerClass, slots } = this.#config;
    return {
      id: this.id,
      pid: process.pid,
      host: hostname(),
      region,
      class: workerClass,
      state: this.state,
      slots,
      busy: this.busy(),
      startedAt: this.#startedAt,
      owner: this.#owner,
    };
  }
}
