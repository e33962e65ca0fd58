/** A part that a process has started and must stop. */
export interface Stoppable {
  stop(): Promise<void>;
}

/**
 * What a process started, in order; stopping goes through it from the last to the first, and goes on where one
 * part fails, so that one bad part does not keep the others alive. Stopping twice is stopping once.
 */
export class StopStack implements Stoppable {
  readonly #parts: { name: string; stop: () => Promise<unknown> | unknown }[] = [];
  #stopping: Promise<void> | undefined;

  /** Remembers how to stop a part and returns the part. */
  add<T>(name: string, part: T, stop: (part: T) => Promise<unknown> | unknown): T {
    this.#parts.push({ name, stop: () => stop(part) });
    return part;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const failures: Error[] = [];
    for (const { name, stop } of this.#parts.reverse()) {
      try {
        await stop();
      } catch (cause) {
        failures.push(new Error(`${name} did not stop`, { cause }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures);
  }
}
