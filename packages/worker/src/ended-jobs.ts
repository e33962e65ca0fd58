/** A worker remembers this many; an older job has no task left that could ask. */
const CAPACITY = 10_000;

/** The jobs that ended by order: visits of theirs that have not started are dropped. */
export class EndedJobs {
  readonly #ids = new Set<string>();

  add(job: string): void {
    this.#ids.add(job);
    if (this.#ids.size > CAPACITY) this.#ids.delete(this.#ids.values().next().value!);
  }

  has(job: string): boolean {
    return this.#ids.has(job);
  }
}
