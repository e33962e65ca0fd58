import type { Page } from "@bee/store";
import { LIST_LIMIT } from "./first-few.ts";

/** Above this the first byte is late: the threshold of "needs improvement" in Google's Web Vitals. */
export const SLOW_MS = 800;

export interface SlowPage {
  readonly url: string;
  /** Of the first visit: what the origin needs, and every visitor meets again whose cache has not got the page. */
  readonly ttfbMs: number;
  /** From the cache that was warmed; null where nothing was proved. */
  readonly provedTtfbMs: number | null;
}

/** The slowest pages, the worst first. */
export class SlowPages {
  #slowest: SlowPage[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get entries(): readonly SlowPage[] {
    return this.#keepSlowest();
  }

  add({ url, provedTtfbMs, ttfbMs }: Page): void {
    if (ttfbMs === null || ttfbMs <= SLOW_MS) return;
    this.#count += 1;
    this.#slowest.push({ url, ttfbMs, provedTtfbMs });
    // Sorting now and then keeps the list short without sorting for each page.
    if (this.#slowest.length >= 2 * LIST_LIMIT) this.#keepSlowest();
  }

  #keepSlowest(): readonly SlowPage[] {
    this.#slowest = this.#slowest.sort((a, b) => b.ttfbMs - a.ttfbMs).slice(0, LIST_LIMIT);
    return this.#slowest;
  }
}
