interface Wish {
  readonly at: number;
  readonly workers: number;
}

/** The most workers that were wished for within some time. */
export class RecentWishes {
  readonly #forMs: number;
  /** Those that no later one is as high as: the first of them is the highest. */
  #peaks: Wish[] = [];

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  add(at: number, workers: number): void {
    this.#peaks = [...this.#peaks.filter((peak) => peak.workers > workers), { at, workers }];
  }

  /** @returns 0 where none is so young. */
  highest(now: number): number {
    this.#peaks = this.#peaks.filter(({ at }) => now - at < this.#forMs);
    return this.#peaks[0]?.workers ?? 0;
  }
}
