import { type Log, messageOf } from "@bee/core";

export interface PulseOptions {
  readonly what: string;
  /** Once; tells whether anybody wants it again. */
  readonly work: () => Promise<boolean>;
  readonly everyMs: number;
  readonly log: Log;
}

/** Reading takes a tenth of the time at most, however much there is to read. */
const REST = 9;

/** Does its work again and again while somebody wants it; never twice at once, and not at all for nobody. */
export class Pulse {
  readonly #options: PulseOptions;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #isFailing = false;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  /** Somebody wants the work: it is done at once, or after what is being done now. */
  wake(): void {
    if (this.#stopped) return;
    if (this.#working !== undefined) this.#again = true;
    else this.#begin();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#again = false;
    this.#working = this.#work();
  }

  async #work(): Promise<void> {
    const { what, work, everyMs, log } = this.#options;
    const begun = performance.now();
    let isWanted = true;
    try {
      isWanted = await work();
      if (this.#isFailing) log.info("events come again", { of: what });
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) log.warn("events are late", { of: what, error: messageOf(error) });
      this.#isFailing = true;
    }
    this.#working = undefined;
    if (this.#stopped) return;
    if (this.#again) this.#begin();
    else if (isWanted) this.#next(Math.max(everyMs, REST * (performance.now() - begun)));
  }

  #next(inMs: number): void {
    this.#timer = setTimeout(() => this.#begin(), inMs);
  }
}
