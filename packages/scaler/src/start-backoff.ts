import { RespawnDelay } from "@bee/core";

/**
 * Lets workers be started all at once, but one by one and at growing intervals while they end before they work: what
 * fails once a minute is an alarm, and what fails ten times a second is a storm.
 */
export class StartBackoff {
  readonly #now: () => number;
  #delay = new RespawnDelay();
  #failures = 0;
  #notBefore = 0;

  /** @param now monotonic milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Starts in a row that came to nothing. */
  get failures(): number {
    return this.#failures;
  }

  /** @param isTrying whether one is on its way that has not worked yet. @returns how many may be started now. */
  allow(workers: number, isTrying: boolean): number {
    if (this.#failures === 0) return workers;
    return isTrying || this.#now() < this.#notBefore ? 0 : Math.min(1, workers);
  }

  /** @returns for how many milliseconds none is started. */
  failed(): number {
    this.#failures += 1;
    const waitMs = this.#delay.next(0);
    this.#notBefore = this.#now() + waitMs;
    return waitMs;
  }

  /** One got as far as to work. */
  worked(): void {
    this.#failures = 0;
    this.#delay = new RespawnDelay();
  }
}
