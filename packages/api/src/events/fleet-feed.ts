import { readFleet } from "../fleet/fleet-handlers.ts";
import type { Parts } from "../parts.ts";
import { type EventStream, encodeEvent } from "./event-stream.ts";

/** Tells of workers, queues and decisions, as `GET /v1/fleet` does, whenever they change; and which domains did. */
export class FleetFeed {
  readonly #parts: Parts;
  readonly #listeners = new Set<EventStream>();
  readonly #newcomers = new Set<EventStream>();
  #last = "";

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  join(stream: EventStream): void {
    this.#newcomers.add(stream);
  }

  leave(stream: EventStream): void {
    this.#newcomers.delete(stream);
    this.#listeners.delete(stream);
  }

  /** @returns whether anybody listens. */
  async look(): Promise<boolean> {
    if (this.#listeners.size + this.#newcomers.size === 0) return false;
    const newcomers = [...this.#newcomers];
    const text = encodeEvent({ type: "fleet", data: await readFleet(this.#parts), id: null });
    if (text !== this.#last) for (const stream of this.#listeners) stream.write(text);
    this.#last = text;
    for (const stream of newcomers) {
      // It may have left while we read.
      if (!this.#newcomers.delete(stream)) continue;
      this.#listeners.add(stream);
      stream.write(text);
    }
    return true;
  }

  tellOfDomain(domain: string): void {
    const text = encodeEvent({ type: "domain", data: { domain }, id: null });
    for (const stream of [...this.#listeners, ...this.#newcomers]) stream.write(text);
  }
}
