import { monitorEventLoopDelay } from "node:perf_hooks";

const RESOLUTION_MS = 5;

/**
 * How late the event loop of this process is. Where those who ask and those who log are both in it, two requests may come
 * closer together in the log by twice as much than they were let go: once on each side.
 */
export class Lateness {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

  start(): void {
    this.#histogram.reset();
    this.#histogram.enable();
  }

  /** The worst since the start, in milliseconds. */
  worst(): number {
    return Math.max(0, this.#histogram.max / 1e6 - RESOLUTION_MS);
  }

  stop(): void {
    this.#histogram.disable();
  }
}
