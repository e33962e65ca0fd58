import { expect, test } from "@jest/globals";
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
