import { type Log, messageOf, type Stoppable } from "@bee/core";
import {
  type AlertMessage,
  type Database,
  nextAlertMessages,
  noteDelivered,
  noteUndelivered,
} from "@bee/store";
import type { Channel } from "./channel.ts";

export interface CourierOptions {
  readonly db: Database;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly log: Log;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 10 * 60_000;
/** Who has not taken it after a day learns of it otherwise. */
const GIVE_UP_MS = 24 * 3_600_000;
/** Messages of one channel in one round. */
const ROUNDS = 100;

/**
 * Brings messages to their channels, to each in a round of its own and in the order of what happened; one that does not
 * take them keeps no other waiting. A message is noted as delivered after it was: who dies in between delivers it again,
 * under the same id.
 */
export class Courier implements Stoppable {
  readonly #options: CourierOptions;
  readonly #rounds = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Starts a round for each channel for which something is due, and waits for none. */
  async runOnce(): Promise<void> {
    const { db, channels } = this.#options;
    const idle = [...channels.keys()].filter((channel) => !this.#rounds.has(channel));
    if (idle.length === 0 || this.#stopping.signal.aborted) return;
    for (const message of await nextAlertMessages(db, idle)) {
      const { channel } = message;
      if (!this.#rounds.has(channel)) this.#rounds.set(channel, this.#serve(message));
    }
  }

  /** When the rounds that are under way are over. */
  async idle(): Promise<void> {
    await Promise.all(this.#rounds.values());
  }

  /** Gives up what is under way; it is due still, for whoever leads next. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the scaler stops"));
    await this.idle();
  }

  async #serve(first: AlertMessage): Promise<void> {
    const { db, log } = this.#options;
    const { channel } = first;
    try {
      let message: AlertMessage | undefined = first;
      for (let round = 0; round < ROUNDS && message !== undefined; round++) {
        if (this.#stopping.signal.aborted || !(await this.#deliver(message))) return;
        [message] = await nextAlertMessages(db, [channel]);
      }
    } catch (error) {
      log.warn("a channel was not served", { channel, error: messageOf(error) });
    } finally {
      this.#rounds.delete(channel);
    }
  }

  /** @returns whether it was taken. */
  async #deliver(message: AlertMessage): Promise<boolean> {
    const { db, channels, log } = this.#options;
    const { id, alertId, channel, body: notice, tries, ageMs } = message;
    const { signal } = this.#stopping;
    try {
      await channels.get(channel)!({ id: `msg_${alertId}_${id}`, notice }, signal);
    } catch (error) {
      if (signal.aborted) return false;
      const failure = messageOf(error);
      const retryMs = ageMs < GIVE_UP_MS ? Math.min(FIRST_RETRY_MS * 2 ** tries, LONGEST_RETRY_MS) : null;
      log.warn("a channel did not take an alert", { channel, failure, tries: tries + 1, retryMs });
      await noteUndelivered(db, id, failure, retryMs);
      return false;
    }
    await noteDelivered(db, id);
    return true;
  }
}
