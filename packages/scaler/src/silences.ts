import { GONE_MS } from "@bee/queue";

/** How long workers that live, by their pid or their container, have said nothing. */
export class Silences<Id> {
  readonly #now: () => number;
  /** Since when a worker has said nothing; null for one that is heard. */
  readonly #since = new Map<Id, number | null>();

  /** @param now monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param isHeard whether its last heartbeat has not expired. @returns milliseconds. */
  look(id: Id, isHeard: boolean): number {
    if (isHeard) {
      this.#since.set(id, null);
      return 0;
    }
    const now = this.#now();
    const before = this.#since.get(id);
    // What it said last has just expired.
    const since = before ?? (before === null ? now - GONE_MS : now);
    this.#since.set(id, since);
    return now - since;
  }

  forget(id: Id): void {
    this.#since.delete(id);
  }
}
