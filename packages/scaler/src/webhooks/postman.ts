import { isGone, type Log, messageOf, nextWebhookTry, type Stoppable } from "@bee/core";
import type { HttpClient } from "@bee/crawl";
import {
  type Database,
  type DueDelivery,
  handBackDelivery,
  listDueReceivers,
  noteRefused,
  noteTaken,
  readWebhookSecret,
  takeDelivery,
} from "@bee/store";
import { deliver, type Verdict } from "./deliver.ts";

export interface PostmanOptions {
  readonly db: Database;
  readonly client: HttpClient;
  readonly log: Log;
}

/** Receivers served at the same time: so many that are silent for ten seconds hold up no other. */
const MOST_AT_ONCE = 100;
/** Messages to one receiver before it is looked whether others wait longer. */
const ROUNDS = 100;

/**
 * Brings messages to their receivers, each in a round of its own and one message after the other, so that who is slow
 * holds up itself alone. All that is known of a message is in Postgres: who dies with one under way has it due again a
 * minute later, under the same id.
 */
export class Postman implements Stoppable {
  readonly #options: PostmanOptions;
  readonly #rounds = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(options: PostmanOptions) {
    this.#options = options;
  }

  /** Starts a round for each receiver for whom something is due, and waits for none. */
  async runOnce(): Promise<void> {
    const room = MOST_AT_ONCE - this.#rounds.size;
    if (room === 0 || this.#stopping.signal.aborted) return;
    for (const receiver of await listDueReceivers(this.#options.db, [...this.#rounds.keys()], room)) {
      if (!this.#rounds.has(receiver)) this.#rounds.set(receiver, this.#serve(receiver));
    }
  }

  /** When the rounds that are under way are over. */
  async idle(): Promise<void> {
    await Promise.all(this.#rounds.values());
  }

  /** Gives up what is under way; it is due again at once, for whoever leads next. */
  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the scaler stops"));
    await this.idle();
  }

  async #serve(receiver: string): Promise<void> {
    try {
      for (let round = 0; round < ROUNDS && !this.#stopping.signal.aborted; round++) {
        const message = await takeDelivery(this.#options.db, receiver);
        if (message === undefined || !(await this.#bring(message))) return;
      }
    } catch (error) {
      this.#options.log.warn("a webhook was not served", { receiver, error: messageOf(error) });
    } finally {
      this.#rounds.delete(receiver);
    }
  }

  /** @returns whether it was taken. */
  async #bring(message: DueDelivery): Promise<boolean> {
    const { db, client } = this.#options;
    const { id, url, body, keyId } = message;
    const secret = message.secret ?? (await readWebhookSecret(db, keyId)).secret;
    const verdict = await deliver(client, { id, url, body, secret }, this.#stopping.signal);
    if (verdict.type === "taken") await noteTaken(db, message, verdict.status);
    else if (verdict.type === "refused") await this.#noteRefused(message, verdict);
    else await handBackDelivery(db, id);
    return verdict.type === "taken";
  }

  async #noteRefused(
    message: DueDelivery,
    { status, failure, askedMs }: Extract<Verdict, { type: "refused" }>,
  ): Promise<void> {
    const { db, log } = this.#options;
    const { id, webhookId, tries, ageMs } = message;
    const gone = isGone(status);
    const retryMs = gone ? null : nextWebhookTry(tries + 1, ageMs, askedMs);
    log.info("a webhook did not take a message", {
      id,
      webhook: webhookId,
      failure,
      tries: tries + 1,
      retryMs,
    });
    if (await noteRefused(db, message, { status, failure, retryMs }, gone)) {
      log.warn("a webhook is disabled", { webhook: webhookId, failure });
    }
  }
}
