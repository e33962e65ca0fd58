import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  bucketOf,
  countTimes,
  meanTime,
  NO_TIMES,
  quantile,
  TIME_BOUNDS_MS,
  type Times,
} from "./time-buckets.ts";

function timesOf(values: readonly number[]): Times {
  const counts = [...NO_TIMES.counts];
  for (const value of values) counts[bucketOf(value)]! += 1;
  return { counts, sumMs: values.reduce((sum, value) => sum + value, 0) };
}

test("of no times there is no mean and no quantile", () => {
  expect([meanTime(NO_TIMES), quantile(NO_TIMES, 0.95), countTimes(NO_TIMES)]).toEqual([null, null, 0]);
});

test.each([
  [
    [0, 10],
    [0, 0],
  ],
  [
    [11, 25, 26],
    [1, 1, 2],
  ],
  [
    [25_000, 25_001],
    [11, 12],
  ],
])("%j fall into the steps %j", (values, steps) => {
  expect(values.map(bucketOf)).toEqual(steps);
});

test("times within a step are taken to be evenly spread", () => {
  // Ninety up to 100 ms and ten up to 200: the 95th is the middle of those ten.
  expect(quantile(timesOf([...Array(90).fill(80), ...Array(10).fill(150)]), 0.95)).toBe(150);
});

test("of what is beyond the last bound, no more is said than that", () => {
  expect(quantile(timesOf([60_000]), 0.95)).toBe(25_000);
});

test("a quantile lies in the step of the time that it stands for", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1 }),
      fc.constantFrom(0.5, 0.95, 1),
      (values, part) => {
        const sorted = [...values].sort((a, b) => a - b);
        const step = bucketOf(sorted[Math.ceil(sorted.length * part) - 1]!);
        const got = quantile(timesOf(values), part)!;
        expect(got).toBeGreaterThanOrEqual(TIME_BOUNDS_MS[step - 1] ?? 0);
        expect(got).toBeLessThanOrEqual(TIME_BOUNDS_MS[step] ?? 25_000);
      },
    ),
  ));
