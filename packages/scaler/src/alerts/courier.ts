import { type Log, messageOf } from "@bee/core";
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
/** Messages of one channel in one run. */
const ROUNDS = 100;

/**
 * Brings messages to their channels, to each in the order of what happened; one that does not take them keeps no other
 * waiting. A message is noted as delivered after it was: who dies in between delivers it again, under the same id.
 */
export class Courier {
  readonly #options: CourierOptions;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  async runOnce(): Promise<void> {
    const channels = [...this.#options.channels.keys()];
    await Promise.all(channels.map((channel) => this.#serve(channel)));
  }

  async #serve(channel: string): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      const [message] = await nextAlertMessages(this.#options.db, [channel]);
      if (message === undefined || !(await this.#deliver(message))) return;
    }
  }

  /** @returns whether it was taken. */
  async #deliver(message: AlertMessage): Promise<boolean> {
    const { db, channels, log } = this.#options;
    const { id, alertId, channel, body: notice, tries, ageMs } = message;
    try {
      await channels.get(channel)!({ id: `msg_${alertId}_${id}`, notice });
    } catch (error) {
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
