import { type Log, messageOf, type Stoppable } from "@bee/core";
import type { JobOfDomain, Release } from "@bee/store";

export interface SweeperOptions {
  /** Carries a sweep on by one chunk. */
  readonly sweep: (job: JobOfDomain) => Promise<{ readonly done: boolean; readonly release: Release }>;
  readonly dispatch: (release: Release) => Promise<void>;
  readonly log: Log;
}

/**
 * Does what is left of an order after its answer, chunk by chunk and one job after the other: a caller does not wait
 * for 300,000 pages. What a process leaves undone at its end the leader finds.
 */
export class Sweeper implements Stoppable {
  readonly #options: SweeperOptions;
  #last: Promise<void> = Promise.resolve();
  #stopping = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
  }

  begin(job: JobOfDomain): void {
    this.#last = this.#last.then(() => this.#sweep(job));
  }

  /** Waits for the chunk that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#last;
  }

  async #sweep(job: JobOfDomain): Promise<void> {
    const { sweep, dispatch, log } = this.#options;
    try {
      for (let done = false; !done && !this.#stopping; ) {
        const chunk = await sweep(job);
        done = chunk.done;
        await dispatch(chunk.release);
      }
    } catch (error) {
      log.warn("a sweep is left to the leader", { job: job.id, error: messageOf(error) });
    }
  }
}
