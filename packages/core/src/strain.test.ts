import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { MOST_STRAIN, observed, RELAXED, recentTtfbMs, type Strain } from "./strain.ts";

const seen = (before: Strain, ...times: readonly number[]) => times.reduce(observed, before);
const times = (count: number, ms: number) => Array<number>(count).fill(ms);
const levels = (before: Strain, all: readonly number[]) => {
  let strain = before;
  return all.map((ms) => {
    strain = observed(strain, ms);
    return strain.level;
  });
};

const USUAL = seen(RELAXED, ...times(30, 100));

describe("an origin that takes 100 ms", () => {
  test("and then 450 is slowed down by one level for each five answers", () => {
    const course = levels(USUAL, times(22, 450));
    // The median of five has followed with the third, and the first change waits for nothing.
    expect(course.indexOf(1)).toBe(2);
    expect(course.indexOf(2)).toBe(7);
    expect(course.indexOf(3)).toBe(12);
    expect(course.indexOf(4)).toBe(17);
    expect(course.at(-1)).toBe(MOST_STRAIN);
  });

  test("and then recovers is brought back level by level", () => {
    const strained = seen(USUAL, ...times(25, 450));
    const course = levels(strained, times(23, 110));
    expect([course[0], course.at(-1)]).toEqual([MOST_STRAIN, 0]);
    expect(course.every((level, i) => i === 0 || level >= course[i - 1]! - 1)).toBe(true);
  });

  test("and then 250, which is less than three times that, is left as it is", () => {
    expect(levels(USUAL, times(50, 250)).every((level) => level === 0)).toBe(true);
  });

  test("with two slow pages in five is not pressed", () => {
    const mixed = Array.from({ length: 100 }, (_, i) => (i % 5 < 2 ? 20_000 : 100));
    expect(levels(USUAL, mixed).every((level) => level === 0)).toBe(true);
  });

  test("stays slowed down while it is neither slow nor well", () => {
    const strained = seen(USUAL, ...times(10, 900));
    expect(levels(strained, times(30, 450)).at(-1)).toBe(MOST_STRAIN);
    const half = seen(strained, ...times(10, 200));
    expect(half.level).toBe(0);
  });

  test("and stays at 450 for ever is taken for what it has become", () => {
    const course = levels(USUAL, times(1_000, 450));
    expect(course.at(-1)).toBe(0);
    expect(course.lastIndexOf(MOST_STRAIN)).toBeGreaterThan(100);
  });
});

test("an origin that takes 12 ms in place of 3 is not in need", () => {
  const usual = seen(RELAXED, ...times(30, 3));
  expect(levels(usual, times(50, 12)).every((level) => level === 0)).toBe(true);
});

test("nothing is said of an origin before it has answered ten times, and its first answer may be odd", () => {
  expect(levels(RELAXED, [...times(4, 50), ...times(5, 2_000)]).every((level) => level === 0)).toBe(true);
  const coldStart = seen(RELAXED, 5_000, ...times(20, 100));
  expect(coldStart.baselineMs).toBeLessThan(200);
  expect(seen(RELAXED, 1, ...times(20, 100)).level).toBe(0);
});

test("the recent time is the median of the last five", () => {
  expect(recentTtfbMs(RELAXED)).toBeNull();
  expect(recentTtfbMs(seen(RELAXED, 9_000, 30, 10, 20_000, 20, 40))).toBe(30);
});

const anyTime = fc.double({ min: 0, max: 20_000, noNaN: true });

test("whatever an origin does, its level moves by one, not more often than each five answers, and comes back to 0", () =>
  fc.assert(
    fc.property(fc.array(anyTime, { minLength: 1, maxLength: 300 }), (all) => {
      let strain = RELAXED;
      let changedAt = Number.NEGATIVE_INFINITY;
      for (const [i, ms] of all.entries()) {
        const next = observed(strain, ms);
        if (next.level !== strain.level) {
          expect(Math.abs(next.level - strain.level)).toBe(1);
          expect(i - changedAt).toBeGreaterThanOrEqual(5);
          changedAt = i;
        }
        expect(next.level).toBeGreaterThanOrEqual(0);
        expect(next.level).toBeLessThanOrEqual(MOST_STRAIN);
        expect(next.baselineMs).toBeLessThanOrEqual(Math.max(...all.slice(0, i + 1)));
        expect(next.baselineMs).toBeGreaterThanOrEqual(Math.min(...all.slice(0, i + 1)));
        strain = next;
      }
      const well = times(25, strain.baselineMs!);
      expect(seen(strain, ...well).level).toBe(0);
    }),
  ));
