import { setTimeout as delay } from "node:timers/promises";
import { type Log, messageOf, RespawnDelay } from "@bee/core";
import type { EmbeddedStore } from "@bee/embedded";

export interface KeptStoreOptions {
  readonly name: string;
  readonly start: () => Promise<EmbeddedStore>;
  readonly log: Log;
  /** Told when the store had to move: everybody knows its old address, so the fleet must start anew. */
  readonly onMoved: () => void;
}

/** A private Postgres or Redis that is started again whenever it ends; the fleet waits for it meanwhile. */
export class KeptStore {
  readonly #options: KeptStoreOptions;
  readonly #delay = new RespawnDelay();
  readonly #stopping = new AbortController();
  #store: EmbeddedStore;
  readonly #keeping: Promise<void>;

  static async start(options: KeptStoreOptions): Promise<KeptStore> {
    return new KeptStore(options, await options.start());
  }

  private constructor(options: KeptStoreOptions, store: EmbeddedStore) {
    this.#options = options;
    this.#store = store;
    this.#keeping = this.#keep();
  }

  get url(): string {
    return this.#store.url;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#store.stop();
    await this.#keeping;
    // One that was starting while we stopped the one before.
    await this.#store.stop();
  }

  async #keep(): Promise<void> {
    const { name, log, onMoved } = this.#options;
    for (;;) {
      const since = performance.now();
      const { url, exited } = this.#store;
      const how = await exited;
      if (this.#stopping.signal.aborted) return;
      log.error(`${name} ended; starting it again`, { ...how });
      await this.#restart(performance.now() - since);
      if (this.#store.url !== url) return onMoved();
    }
  }

  async #restart(ranMs: number): Promise<void> {
    const { name, start, log } = this.#options;
    for (let waitMs = this.#delay.next(ranMs); ; waitMs = this.#delay.next(0)) {
      await delay(waitMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
      if (this.#stopping.signal.aborted) return;
      try {
        this.#store = await start();
        return;
      } catch (error) {
        log.error(`${name} does not start`, { error: messageOf(error) });
      }
    }
  }
}
