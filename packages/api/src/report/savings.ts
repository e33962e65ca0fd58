import type { Page } from "@bee/store";

/** What warming won: the time to the first byte before and after, over the pages that were proved warm. */
export interface Saved {
  readonly pages: number;
  /** Of all pages together, for one visitor each. */
  readonly savedMs: number;
  /** Means over the pages whose both times are known; null when there are none. */
  readonly coldTtfbMs: number | null;
  readonly warmTtfbMs: number | null;
}

export class Savings {
  #pages = 0;
  #timed = 0;
  #coldMs = 0;
  #warmMs = 0;

  add({ ttfbMs, provedTtfbMs }: Page): void {
    this.#pages += 1;
    if (ttfbMs === null || provedTtfbMs === null) return;
    this.#timed += 1;
    this.#coldMs += ttfbMs;
    this.#warmMs += provedTtfbMs;
  }

  get saved(): Saved {
    const mean = (ms: number) => (this.#timed === 0 ? null : Math.round(ms / this.#timed));
    return {
      pages: this.#pages,
      savedMs: this.#coldMs - this.#warmMs,
      coldTtfbMs: mean(this.#coldMs),
      warmTtfbMs: mean(this.#warmMs),
    };
  }
}
