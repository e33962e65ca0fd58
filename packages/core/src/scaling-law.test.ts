import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { desiredWorkers } from "./scaling-law.ts";

const PLAN = { min: 3, max: 25, perJob: 3 };

/** The founding plan's table. */
test.each([
  [0, 3],
  [1, 3],
  [2, 6],
  [3, 9],
  [4, 12],
  [5, 15],
  [6, 18],
  [7, 21],
  [8, 25],
  [9, 25],
  [10, 25],
  [1_000, 25],
])("%i active jobs want %i workers", (jobs, workers) => {
  expect(desiredWorkers(jobs, PLAN)).toBe(workers);
});

test("one job never fills the fleet by rounding", () => {
  expect(desiredWorkers(1, { min: 3, max: 5, perJob: 3 })).toBe(3);
});

test("a fleet that may be empty gets its first workers with its first job", () => {
  const empty = { min: 0, max: 25, perJob: 3 };
  expect([0, 1, 2, 9].map((jobs) => desiredWorkers(jobs, empty))).toEqual([0, 3, 6, 25]);
});

const bounds = fc
  .record({
    min: fc.nat(1_000),
    max: fc.integer({ min: 1, max: 1_000 }),
    perJob: fc.integer({ min: 1, max: 100 }),
  })
  .filter(({ min, max }) => min <= max);

test("stays within its bounds, and more jobs never want fewer workers", () =>
  fc.assert(
    fc.property(bounds, fc.nat(10_000), (law, jobs) => {
      const workers = desiredWorkers(jobs, law);
      expect(workers).toBeGreaterThanOrEqual(law.min);
      expect(workers).toBeLessThanOrEqual(law.max);
      expect(desiredWorkers(jobs + 1, law)).toBeGreaterThanOrEqual(workers);
      expect(desiredWorkers(jobs + 1, law)).toBeGreaterThan(0);
    }),
  ));
