/** What is known of how long an origin takes to its first byte, and how hard it seems to be pressed. */
export interface Strain {
  /** The usual time to the first byte, in milliseconds. */
  readonly baselineMs: number | null;
  /** The latest times, the last one the newest. */
  readonly recentMs: readonly number[];
  /** Answers since the level was changed last: the next change waits until it can have had an effect. */
  readonly sinceChange: number;
  /** 0 at ease, up to {@link MOST_STRAIN}. */
  readonly level: number;
}

export const MOST_STRAIN = 4;

/** Before so many answers an origin has no habits; then it has their median. */
const FIRST = 10;
/** The median of so many is told from that by more than two slow pages. */
const RECENT = 5;
/**
 * How far one answer moves the baseline, which so follows the median of some hundreds of answers: an origin that stays
 * four times slower is taken for what it has become after some 400 of them.
 */
const DRIFT = 0.0025;

const SLOWED = 3;
const RECOVERED = 1.5;
/** An origin that takes 12 ms in place of 3 is not in need. */
const NOTICEABLE_MS = 200;

export const RELAXED: Strain = Object.freeze({
  baselineMs: null,
  recentMs: [],
  sinceChange: 0,
  level: 0,
});

/**
 * An answer of the origin, not of a cache. The level rises while the median of the latest answers is three times the
 * baseline, and falls when it is back at one and a half, one level for five answers at most.
 */
export function observed(before: Strain, ttfbMs: number): Strain {
  const recentMs = [...before.recentMs, ttfbMs].slice(-FIRST);
  const isNew = before.baselineMs === null || recentMs.length < FIRST;
  const baselineMs = isNew ? medianOf(recentMs) : drifted(before.baselineMs, ttfbMs);
  const sinceChange = Math.min(RECENT, before.sinceChange + 1);
  const mayChange = !isNew && sinceChange === RECENT;
  const level = mayChange
    ? nextLevel(before.level, baselineMs, medianOf(recentMs.slice(-RECENT)))
    : before.level;
  return { baselineMs, recentMs, level, sinceChange: level === before.level ? sinceChange : 0 };
}

/** Towards the median: a step up or down, however far away the answer is, so that one odd page counts like any other. */
function drifted(baselineMs: number, ttfbMs: number): number {
  return ttfbMs > baselineMs
    ? Math.min(ttfbMs, baselineMs * (1 + DRIFT))
    : Math.max(ttfbMs, baselineMs / (1 + DRIFT));
}

function nextLevel(level: number, baselineMs: number, recentMs: number): number {
  const over = recentMs - baselineMs;
  if (over >= NOTICEABLE_MS && recentMs >= SLOWED * baselineMs) return Math.min(MOST_STRAIN, level + 1);
  if (over < NOTICEABLE_MS || recentMs <= RECOVERED * baselineMs) return Math.max(0, level - 1);
  return level;
}

/** The time to the first byte that the latest answers took; null where there was none. */
export function recentTtfbMs({ recentMs }: Strain): number | null {
  return recentMs.length === 0 ? null : medianOf(recentMs.slice(-RECENT));
}

/** Of at least one value; of two in the middle the upper. */
function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
