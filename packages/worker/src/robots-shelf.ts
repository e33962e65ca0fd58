import type { RobotsEntry } from "@bee/crawl";

/** Characters of robots.txt that a worker keeps parsed, some 100 MB; a usual file has 1,000. */
const CAPACITY = 16 * 1024 * 1024;
/** What an entry costs beside its text. */
const OVERHEAD = 2_000;

interface Kept {
  readonly entry: RobotsEntry;
  /** Monotonic milliseconds: a worker whose clock is off must not use a copy for longer. */
  readonly freshUntil: number;
}

/** The parsed robots.txt files that a worker has at hand; when they are too many, the oldest are dropped. */
export class RobotsShelf {
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  get(origin: string): RobotsEntry | undefined {
    const kept = this.#kept.get(origin);
    if (kept === undefined || performance.now() < kept.freshUntil) return kept?.entry;
    this.#drop(origin);
    return undefined;
  }

  /** One that could not be read is not kept: the fleet's copy of it may be asked for again at any moment. */
  put(entry: RobotsEntry, freshForMs: number): void {
    const { origin, status } = entry.record;
    this.#drop(origin);
    if (status === "unreachable") return;
    this.#kept.set(origin, { entry, freshUntil: performance.now() + freshForMs });
    this.#size += sizeOf(entry);
    while (this.#size > CAPACITY) this.#drop(this.#kept.keys().next().value!);
  }

  #drop(origin: string): void {
    const kept = this.#kept.get(origin);
    if (kept === undefined) return;
    this.#kept.delete(origin);
    this.#size -= sizeOf(kept.entry);
  }
}

function sizeOf({ record }: RobotsEntry): number {
  return record.body.length + OVERHEAD;
}
