import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { CIRCUIT_RULE, circuitStateOf, openMsOf } from "./circuit.ts";

test("a circuit is open for half a minute, then twice as long each time, up to half an hour", () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8].map((opening) => openMsOf(opening, CIRCUIT_RULE) / 60_000);
  expect(minutes).toEqual([0.5, 1, 2, 4, 8, 16, 30, 30]);
});

test("however often it opens, it is tried again within the longest time", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (opening) => {
      const openMs = openMsOf(opening, CIRCUIT_RULE);
      expect(openMs).toBeGreaterThanOrEqual(CIRCUIT_RULE.firstMs);
      expect(openMs).toBeLessThanOrEqual(CIRCUIT_RULE.longestMs);
    }),
  );
});

test.each([
  [0, 0, "closed"],
  [0, 5_000, "closed"],
  [1, 5_000, "open"],
  [1, 0, "half-open"],
  [7, 0, "half-open"],
])("after %i openings in a row, with %i ms to go, it is %s", (openings, openForMs, state) => {
  expect(circuitStateOf(openings, openForMs)).toBe(state);
});
