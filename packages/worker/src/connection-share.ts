import {
  BeeError,
  CONNECTION_LIMIT,
  connectionsPerWorker,
  MAX_WORKERS,
  within,
  workersConnections,
} from "@bee/core";
import type { ClaimedConnections } from "@bee/queue";

/** The connections that follow. */
export interface Resizable {
  readonly limit: number;
  readonly open: number;
  resize(limit: number): void;
}

/** With so many a worker begins: it does not know yet how many workers there are. */
export const FIRST_CONNECTIONS = 1;

/** Others learn of us within a heartbeat, and then finish what they use the surplus for; a claim of the dead lapses. */
const JOIN_MS = 20_000;

/**
 * This worker's share of the fleet's database connections. Whoever wants more claims it first, and opens it when the
 * claims of all fit; whoever must give some up claims it until it is closed. So the sum never passes the limit, in
 * whatever order the workers learn of each other.
 */
export class ConnectionShare {
  readonly #connections: Resizable;
  readonly #joined = Promise.withResolvers<void>();
  #wanted = FIRST_CONNECTIONS;
  #claimed = 0;

  constructor(connections: Resizable) {
    this.#connections = connections;
  }

  /**
   * Resolves when there is room for this worker's first connection: with up to 22 workers at once, else when those that
   * have two have closed one.
   * @throws BeeError `cannot-start` when there is none in time.
   */
  async joined(): Promise<void> {
    await within(JOIN_MS, "the fleet", this.#joined.promise).catch((cause) => {
      throw new BeeError(
        "cannot-start",
        `expected room for one more worker among the fleet's ${CONNECTION_LIMIT} database connections, got none within ${JOIN_MS / 1_000} s; run at most ${MAX_WORKERS} workers`,
        { cause },
      );
    });
  }

  /** @returns what to report: what is open, and what is wanted where that is more. */
  claim(): number {
    this.#claimed = Math.max(this.#wanted, this.#connections.open);
    return this.#claimed;
  }

  /** Follows what all workers claim, by the answer to the last claim. */
  follow({ workers, connections, scalers }: ClaimedConnections): void {
    const fits = connections <= workersConnections(scalers);
    if (fits) this.#joined.resolve();
    this.#wanted = connectionsPerWorker(workers, scalers);
    const { limit } = this.#connections;
    const mayGrow = fits && this.#claimed >= this.#wanted;
    if (this.#wanted < limit || (this.#wanted > limit && mayGrow)) this.#connections.resize(this.#wanted);
  }
}
