import {
  type Log,
  messageOf,
  SCALER_CONNECTIONS,
  type Stoppable,
  within,
  workersConnections,
} from "@bee/core";
import { type ClaimedConnections, type FleetRegistry, HEARTBEAT_MS } from "@bee/queue";

/** Workers hear of a further scaler with their next heartbeat, and then finish what they use its connections for. */
const JOIN_MS = 10_000;
const LEAVE_MS = 2_000;

/** Tells the fleets that this scaler lives and holds connections to Postgres, so that their workers make room. */
export class ScalerPresence implements Stoppable {
  readonly #registry: FleetRegistry;
  readonly #name: string;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;

  constructor(registry: FleetRegistry, name: string, log: Log) {
    this.#registry = registry;
    this.#name = name;
    this.#log = log;
  }

  /** Resolves when there is room for its connections; after ten seconds without, for a fleet needs its leader more. */
  async start(): Promise<void> {
    const deadline = performance.now() + JOIN_MS;
    while (!hasRoom(await this.#report()) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, HEARTBEAT_MS));
    }
    this.#timer = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await within(LEAVE_MS, "Redis", this.#registry.leaveScaler(this.#name)).catch(this.#unheard);
  }

  async #beat(): Promise<void> {
    await this.#report().catch(this.#unheard);
  }

  #report(): Promise<ClaimedConnections> {
    return this.#registry.reportScaler(this.#name, SCALER_CONNECTIONS);
  }

  readonly #unheard = (error: unknown): void => {
    this.#log.debug("the fleets were not told of their scaler", { error: messageOf(error) });
  };
}

function hasRoom({ connections, scalers }: ClaimedConnections): boolean {
  return connections <= workersConnections(scalers);
}
