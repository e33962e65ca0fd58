import { viewFleet } from "../fleet/fleet-handlers.ts";
import type { Parts } from "../parts.ts";
import { type EventStream, encodeEvent } from "./event-stream.ts";

export interface Listener {
  readonly stream: EventStream;
  readonly isOperator: boolean;
}

/** Tells of workers, queues and decisions, as `GET /v1/fleet` does, whenever they change; and which domains did. */
export class FleetFeed {
  readonly #parts: Parts;
  readonly #listeners = new Set<Listener>();
  readonly #newcomers = new Set<Listener>();
  #last = "";

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  join(listener: Listener): void {
    this.#newcomers.add(listener);
  }

  leave(listener: Listener): void {
    this.#newcomers.delete(listener);
    this.#listeners.delete(listener);
  }

  /** @returns whether anybody listens. */
  async look(): Promise<boolean> {
    if (this.#listeners.size + this.#newcomers.size === 0) return false;
    const newcomers = [...this.#newcomers];
    const text = encodeEvent({ type: "fleet", data: await viewFleet(this.#parts), id: null });
    if (text !== this.#last) for (const { stream } of this.#listeners) stream.write(text);
    this.#last = text;
    for (const newcomer of newcomers) {
      // It may have left while we read.
      if (!this.#newcomers.delete(newcomer)) continue;
      this.#listeners.add(newcomer);
      newcomer.stream.write(text);
    }
    return true;
  }

  /** Whose jobs a domain has is not known here: only operators hear its name. */
  tellOfDomain(domain: string): void {
    const named = encodeEvent({ type: "domain", data: { domain }, id: null });
    const unnamed = encodeEvent({ type: "domain", data: { domain: null }, id: null });
    for (const listener of [...this.#listeners, ...this.#newcomers])
      listener.stream.write(listener.isOperator ? named : unnamed);
  }
}
