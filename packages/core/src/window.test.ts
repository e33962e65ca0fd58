import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { windowFor } from "./window.ts";

test.each([
  [3, 3, 5],
  [5, 5, 8],
  [1, 1, 2],
  [100, 10, 60],
  [0.99, 3, 1],
  [0.01, 1, 1],
])("%d requests/s and %i at once make a window of %i", (requestsPerSecond, concurrency, pages) => {
  expect(windowFor({ requestsPerSecond, burst: 5, concurrency }, false)).toBe(pages);
});

test("a domain that has not answered yet, or has just failed, gets one page", () => {
  expect(windowFor({ requestsPerSecond: 100, burst: 5, concurrency: 10 }, true)).toBe(1);
});

const anyRule = fc.record({
  requestsPerSecond: fc.double({ min: 0.001, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 10_000 }),
  concurrency: fc.integer({ min: 1, max: 1_000 }),
});

test("a domain's window is whole, keeps its concurrency busy, and holds half a second of its pace, no more", () =>
  fc.assert(
    fc.property(anyRule, fc.boolean(), (rule, slowStart) => {
      const window = windowFor(rule, slowStart);
      if (slowStart || rule.requestsPerSecond < 1) return expect(window).toBe(1);
      expect(Number.isInteger(window)).toBe(true);
      const ahead = window - rule.concurrency;
      expect(ahead).toBeGreaterThanOrEqual(rule.requestsPerSecond * 0.5);
      expect(ahead).toBeLessThan(rule.requestsPerSecond * 0.5 + 1);
    }),
  ));

test("a faster rule never has a smaller window, and the burst does not count", () =>
  fc.assert(
    fc.property(anyRule, fc.double({ min: 1, max: 10, noNaN: true }), (rule, faster) => {
      const window = windowFor(rule, false);
      const { requestsPerSecond, concurrency } = rule;
      expect(
        windowFor({ ...rule, requestsPerSecond: requestsPerSecond * faster }, false),
      ).toBeGreaterThanOrEqual(window);
      // Slower than one a second it is a single page, whatever may be in flight.
      if (requestsPerSecond >= 1) {
        expect(windowFor({ ...rule, concurrency: concurrency + 1 }, false)).toBe(window + 1);
      }
      expect(windowFor({ ...rule, burst: rule.burst + 1 }, false)).toBe(window);
    }),
  ));
