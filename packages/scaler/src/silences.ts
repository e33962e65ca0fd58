import { GONE_MS } from "@bee/queue";

/** How long workers that live as processes have said nothing. */
export class Silences {
  readonly #now: () => number;
  /** Since when a worker has said nothing; null for one that is heard. */
  readonly #since = new Map<number, number | null>();

  /** @param now monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** @param isHeard whether its last heartbeat has not expired. @returns milliseconds. */
  look(pid: number, isHeard: boolean): number {
    if (isHeard) {
      this.#since.set(pid, null);
      return 0;
    }
    const now = this.#now();
    const before = this.#since.get(pid);
    // What it said last has just expired.
    const since = before ?? (before === null ? now - GONE_MS : now);
    this.#since.set(pid, since);
    return now - since;
  }

  forget(pid: number): void {
    this.#since.delete(pid);
  }
}
