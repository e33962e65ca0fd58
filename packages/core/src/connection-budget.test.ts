import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  CONNECTION_LIMIT,
  connectionsPerWorker,
  fleetConnections,
  keptIdle,
  MAX_WORKERS,
} from "./connection-budget.ts";

test.each([
  [0, 2, 5],
  [1, 2, 7],
  [3, 2, 11],
  [22, 2, 49],
  [23, 1, 28],
  [25, 1, 30],
  [44, 1, 49],
])("%i workers hold %i each, and %i with the API's five", (workers, each, all) => {
  expect([connectionsPerWorker(workers), fleetConnections(workers)]).toEqual([each, all]);
});

test.each([
  [3, 3, 2],
  [20, 3, 2],
  [21, 3, 1],
  [40, 3, 1],
])("%i workers beside %i scalers hold %i each", (workers, scalers, each) => {
  expect(connectionsPerWorker(workers, scalers)).toBe(each);
  expect(fleetConnections(workers, scalers)).toBeLessThan(CONNECTION_LIMIT);
});

const fleetSize = fc.nat(MAX_WORKERS);

test("no fleet passes 50, also while a command runs beside it", () =>
  fc.assert(
    fc.property(fleetSize, (workers) => {
      expect(fleetConnections(workers) + 1).toBeLessThanOrEqual(CONNECTION_LIMIT);
    }),
  ));

test("a worker has two unless two for all would not fit, and never none", () =>
  fc.assert(
    fc.property(fc.nat(1_000), (workers) => {
      const fits = 2 * workers + 5 + 1 <= CONNECTION_LIMIT;
      expect(connectionsPerWorker(workers)).toBe(fits ? 2 : 1);
    }),
  ));

test("at most half of a pool stays open while nobody uses it, and no fewer", () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: CONNECTION_LIMIT }), (connections) => {
      expect(keptIdle(connections)).toBeLessThanOrEqual(connections / 2);
      expect(keptIdle(connections)).toBeGreaterThan(connections / 2 - 1);
    }),
  ));
