import type { Fleet } from "@bee/core";
import { type FleetRegistry, type WorkerTroubles, workersOf } from "@bee/queue";
import { slotsOf } from "./slots-of.ts";
import type { Survey, WorkerDriver } from "./worker-driver.ts";

/**
 * Workers that somebody else starts and stops (KEDA, an HPA, a person): the scaler only says how many there should be.
 * Its decisions follow from what it said last, as if that were so already: whoever carries them out takes its time.
 */
export class ExternalWorkers implements WorkerDriver {
  readonly #registry: FleetRegistry;
  readonly #fleet: Fleet;
  #wanted: number | undefined;

  constructor(registry: FleetRegistry, fleet: Fleet) {
    this.#registry = registry;
    this.#fleet = fleet;
  }

  begin(): void {
    this.#wanted = undefined;
  }

  async survey(): Promise<Survey> {
    const reported = workersOf(this.#fleet, await this.#registry.list());
    const workers = reported.filter(({ state }) => state !== "stopping");
    // What the leader before us said last, or else what there is.
    this.#wanted ??= (await this.#registry.readScaling(this.#fleet))?.desired ?? workers.length;
    return { current: this.#wanted, slots: slotsOf(workers) };
  }

  add(workers: number): number {
    this.#wanted = (this.#wanted ?? 0) + workers;
    return workers;
  }

  async retire(workers: number): Promise<number> {
    this.#wanted = Math.max(0, (this.#wanted ?? 0) - workers);
    return workers;
  }

  /** Whoever started them replaces them. */
  async endStuck(): Promise<number> {
    return 0;
  }

  /** They are seen by whoever starts workers. */
  troubles(): WorkerTroubles {
    return { failedStarts: 0, stuck: 0 };
  }

  async stop(): Promise<void> {}
}
