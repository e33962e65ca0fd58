import { expect, test } from "@jest/globals";
import { etaSeconds, type Remaining } from "./eta.ts";

const BASE: Remaining = {
  pages: 300,
  finishedPages: 0,
  visits: 0,
  rule: { requestsPerSecond: 3, burst: 5, concurrency: 3 },
  closedForMs: 0,
};

test.each<[string, Partial<Remaining>, number]>([
  ["at first a page is taken to need two visits", {}, 200],
  ["then as many as pages needed", { finishedPages: 100, visits: 130 }, 130],
  ["a closed domain adds its pause", { closedForMs: 30_500 }, 231],
  ["a pause that is over adds nothing", { closedForMs: -5_000 }, 200],
  ["a slow domain takes its time", { rule: { requestsPerSecond: 0.1, burst: 1, concurrency: 1 } }, 6_000],
  ["nothing left takes nothing", { pages: 0 }, 0],
])("%s", (_, remaining, seconds) => {
  expect(etaSeconds({ ...BASE, ...remaining })).toBe(seconds);
});
