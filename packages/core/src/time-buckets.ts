/** Upper bounds, in milliseconds, of the steps in which times are counted over the fleet; what is longer has a step of its own. */
export const TIME_BOUNDS_MS = Object.freeze([
  10, 25, 50, 100, 200, 400, 800, 1_500, 3_000, 6_000, 12_000, 25_000,
]);

/** How many times fell into each step, and their sum. */
export interface Times {
  readonly counts: readonly number[];
  readonly sumMs: number;
}

export const NO_TIMES: Times = Object.freeze({
  counts: Object.freeze(Array.from({ length: TIME_BOUNDS_MS.length + 1 }, () => 0)),
  sumMs: 0,
});

/** The step of a time. */
export function bucketOf(ms: number): number {
  const step = TIME_BOUNDS_MS.findIndex((bound) => ms <= bound);
  return step < 0 ? TIME_BOUNDS_MS.length : step;
}

export function countTimes({ counts }: Times): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** Milliseconds; null of none. */
export function meanTime(times: Times): number | null {
  const count = countTimes(times);
  return count === 0 ? null : times.sumMs / count;
}

/**
 * Milliseconds that a part (0.95) of the times did not exceed; null of none. Within a step they are taken to be evenly
 * spread, as Prometheus' `histogram_quantile` does it, so that the two agree.
 */
export function quantile(times: Times, part: number): number | null {
  const rank = part * countTimes(times);
  if (rank === 0) return null;
  let below = 0;
  for (const [step, count] of times.counts.entries()) {
    if (below + count >= rank && count > 0) {
      const [from, to] = [TIME_BOUNDS_MS[step - 1] ?? 0, TIME_BOUNDS_MS[step]];
      return to === undefined ? from : from + ((to - from) * (rank - below)) / count;
    }
    below += count;
  }
  return null;
}
