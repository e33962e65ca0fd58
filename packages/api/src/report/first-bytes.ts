import type { Page } from "@bee/store";

/** Each step is twice the one before, up to what counts as slow and beyond. */
const STEPS_MS = [50, 100, 200, 400, 800, 1_600, 3_200];

/** How many pages had their first byte within a time, and later than the step before it. */
export interface FirstByteStep {
  /** Null for the last step, which has no end. */
  readonly upToMs: number | null;
  readonly before: number;
  readonly after: number;
}

/** The first bytes of the pages that were proved warm: of the first visit, and from the cache. */
export class FirstBytes {
  readonly #before = zeros();
  readonly #after = zeros();

  add({ ttfbMs, provedTtfbMs }: Page): void {
    if (ttfbMs === null || provedTtfbMs === null) return;
    this.#before[stepOf(ttfbMs)]! += 1;
    this.#after[stepOf(provedTtfbMs)]! += 1;
  }

  get steps(): FirstByteStep[] {
    return this.#before.map((before, i) => ({
      upToMs: STEPS_MS[i] ?? null,
      before,
      after: this.#after[i]!,
    }));
  }
}

function zeros(): number[] {
  return Array.from({ length: STEPS_MS.length + 1 }, () => 0);
}

function stepOf(ms: number): number {
  const step = STEPS_MS.findIndex((upTo) => ms <= upTo);
  return step === -1 ? STEPS_MS.length : step;
}
