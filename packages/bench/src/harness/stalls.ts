import { TIERS } from "@bee/core";
import { QUEUE_PREFIX } from "@bee/queue";
import { QueueEvents } from "bullmq";

/** Counts the tasks whose worker was gone, as BullMQ tells of them. */
export class Stalls {
  readonly #events: readonly QueueEvents[];
  tasks = 0;

  constructor(url: string) {
    this.#events = TIERS.map((tier) => {
      const events = new QueueEvents(tier, { connection: { url }, prefix: QUEUE_PREFIX });
      events.on("error", () => {}); // Redis is killed on purpose
      events.on("stalled", () => {
        this.tasks += 1;
      });
      return events;
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#events.map((events) => events.close()));
  }
}
