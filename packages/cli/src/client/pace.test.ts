import { expect, test } from "@jest/globals";
import { Pace } from "./pace.ts";

test("one observation is no pace", () => {
  const pace = new Pace();
  expect(pace.perSecond).toBeNull();
  pace.add(5, 1_000);
  expect(pace.perSecond).toBeNull();
});

test("measures from the first observation on", () => {
  const pace = new Pace();
  pace.add(0, 0);
  pace.add(4, 2_000);
  expect(pace.perSecond).toBe(2);
});

test("forgets what is older than ten seconds", () => {
  const pace = new Pace();
  pace.add(0, 0);
  for (let second = 1; second <= 30; second++) pace.add(second <= 10 ? 100 * second : 1_000, 1_000 * second);
  expect(pace.perSecond).toBe(0);
});
