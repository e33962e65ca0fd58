import { expect, test } from "@jest/globals";
import { isQuarantined } from "./quarantine.ts";

test.each([
  ["has never met a dead worker", 0, 0, false],
  ["ended its worker twice", 2, 1, false],
  ["ended its worker three times", 3, 2, true],
  ["waited in three workers that died", 3, 0, false],
  ["was under way in one of three workers that died", 3, 1, false],
])("a page that %s", (_name, deaths, startsSince, quarantined) => {
  expect(isQuarantined({ deaths, startsSince })).toBe(quarantined);
});
