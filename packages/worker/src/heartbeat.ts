import { type Log, messageOf, within } from "@bee/core";
import { type FleetRegistry, HEARTBEAT_MS, type WorkerReport } from "@bee/queue";

const LEAVE_MS = 2_000;

/** Tells the fleet that this worker lives and how much it has to do. */
export class Heartbeat {
  readonly #registry: FleetRegistry;
  readonly #id: string;
  readonly #describe: () => WorkerReport;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: FleetRegistry, id: string, describe: () => WorkerReport, log: Log) {
    this.#registry = registry;
    this.#id = id;
    this.#describe = describe;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#beat();
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  }

  /** Leaves the fleet; while Redis is away the last report runs out by itself. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await within(LEAVE_MS, "Redis", this.#registry.leave(this.#id)).catch((error) =>
      this.#log.warn("the fleet was not told of the end", { error: messageOf(error) }),
    );
  }

  async #beat(): Promise<void> {
    try {
      await this.#registry.report(this.#describe());
    } catch (error) {
      this.#log.warn("no heartbeat", { error: messageOf(error) });
    }
  }
}
