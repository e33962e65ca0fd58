import { once } from "node:events";
import { isStoreAway, type Log } from "@bee/core";
import type { TaskHandler } from "@bee/queue";

export interface PostgresWatchOptions {
  /** Asks Postgres for anything at all. */
  readonly ping: () => Promise<void>;
  /** Takes no more tasks; those under way keep what they have. */
  readonly hold: () => Promise<void>;
  readonly goOn: () => Promise<void>;
  readonly log: Log;
}

const PROBE_MS = 500;

/**
 * While Postgres is away a worker takes no tasks: a visit would be made whose result could only wait, and a page that
 * waits in the queue may be taken by a worker that still reaches Postgres.
 */
export class PostgresWatch {
  readonly #options: PostgresWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #away: PromiseWithResolvers<void> | undefined;
  #stopped = false;

  constructor(options: PostgresWatchOptions) {
    this.#options = options;
  }

  /** Whether Postgres is known to be away. */
  get isAway(): boolean {
    return this.#away !== undefined;
  }

  /** Hears of an error, and looks after Postgres if that says that it is away. @returns whether it does. */
  notice(error: unknown): boolean {
    if (!isStoreAway(error)) return false;
    if (this.#away === undefined && !this.#stopped) void this.#hold();
    return true;
  }

  /** A handler whose task goes back to its queue when Postgres was away, once it is back. */
  guard<T>(handle: TaskHandler<T>): TaskHandler<T> {
    return async (task, signal, deaths) => {
      try {
        return await handle(task, signal, deaths);
      } catch (error) {
        if (!this.notice(error)) throw error;
        if (!signal.aborted) await Promise.race([this.back(), once(signal, "abort")]);
        return "put-back";
      }
    };
  }

  /** Resolves when Postgres answers, at once where it is not known to be away. */
  async back(): Promise<void> {
    await this.#away?.promise;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#away?.resolve();
  }

  async #hold(): Promise<void> {
    this.#away = Promise.withResolvers();
    this.#options.log.warn("Postgres is away; taking no tasks until it is back");
    await this.#options.hold();
    await this.#probe();
  }

  async #probe(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#options.ping();
    } catch {
      this.#timer = setTimeout(() => void this.#probe(), PROBE_MS);
      return;
    }
    if (this.#stopped) return;
    this.#options.log.info("Postgres is back");
    await this.#options.goOn();
    this.#away?.resolve();
    this.#away = undefined;
  }
}
