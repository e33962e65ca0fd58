import { type Log, messageOf } from "@bee/core";
import { type FleetRegistry, HEARTBEAT_MS, type WorkerReport } from "@bee/queue";

/** Tells the fleet that this worker lives and how much it has to do. */
export class Heartbeat {
  readonly #registry: FleetRegistry;
  readonly #describe: () => WorkerReport;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: FleetRegistry, describe: () => WorkerReport, log: Log) {
    this.#registry = registry;
    this.#describe = describe;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  }

  /** Leaves the fleet. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#registry.leave(this.#describe().id);
  }

  async #beat(): Promise<void> {
    try {
      await this.#registry.report(this.#describe());
    } catch (error) {
      this.#log.warn("no heartbeat", { error: messageOf(error) });
    }
  }
}
