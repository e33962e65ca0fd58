/** Adds up how long pieces of work took. */
export class Stopwatch {
  #ms: number | null = null;

  /** Null before the first piece. */
  get ms(): number | null {
    return this.#ms;
  }

  async time<T>(work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await work();
    } finally {
      this.#ms = (this.#ms ?? 0) + performance.now() - started;
    }
  }
}
