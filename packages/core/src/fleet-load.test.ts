import { expect, test } from "@jest/globals";
import { fleetLoad, isRedisFull, type LoadedWorker, mayShrink } from "./fleet-load.ts";

const worker = (more: Partial<LoadedWorker> = {}): LoadedWorker => ({
  state: "working",
  overload: null,
  cpu: 30,
  cpuLimit: 100,
  memory: 100e6,
  memoryLimit: 1e9,
  ...more,
});
const hot = (more: Partial<LoadedWorker> = {}) => worker({ cpu: 90, overload: "cpu", ...more });

test("a fleet without workers has no load", () => {
  expect(fleetLoad([])).toEqual({ working: 0, cpu: 0, memory: 0, memoryShare: 0, overloaded: false });
});

test("CPU is what they use of what they may use, on average; memory is that of all", () => {
  const workers = [worker({ cpu: 40 }), worker({ cpu: 40, cpuLimit: 50 }), worker({ memory: 600e6, cpu: 0 })];
  expect(fleetLoad(workers)).toMatchObject({ working: 3, cpu: 40, memory: 800e6, memoryShare: 0.6 });
});

test.each<[string, LoadedWorker[], boolean]>([
  ["one of one", [hot()], true],
  ["one of two: the other can take more", [hot(), worker()], false],
  ["two of three", [hot(), hot(), worker()], true],
  ["of those that work, one of two", [hot(), worker(), hot({ state: "stopping" })], false],
  ["nobody works", [hot({ state: "starting" })], false],
])("the fleet as a whole is overloaded when more than half of it is: %s", (_, workers, expected) => {
  expect(fleetLoad(workers).overloaded).toBe(expected);
});

const idle = fleetLoad(Array.from({ length: 6 }, () => worker({ cpu: 19.4 })));

test.each<[string, Parameters<typeof mayShrink>, boolean]>([
  ["under 20 % and under 10 queued", [idle, { queued: 9, min: 3 }], true],
  ["10 queued", [idle, { queued: 10, min: 3 }], false],
  [
    "20 % CPU",
    [
      { ...idle, cpu: 20 },
      { queued: 0, min: 3 },
    ],
    false,
  ],
  ["no worker to spare", [idle, { queued: 0, min: 6 }], false],
])("a hint to scale down: %s", (_, input, expected) => {
  expect(mayShrink(...input)).toBe(expected);
});

test.each([
  [90, 100, false],
  [91, 100, true],
  [1e12, null, false],
])("of a Redis that uses %d of %d bytes, that it is full is %s", (used, limit, expected) => {
  expect(isRedisFull({ used, limit })).toBe(expected);
});
