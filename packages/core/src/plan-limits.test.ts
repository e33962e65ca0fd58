import { expect, test } from "@jest/globals";
import { DEFAULT_PAGES_PER_DAY, parsePlanLimits } from "./plan-limits.ts";

const parse = (text: string) => parsePlanLimits(text, DEFAULT_PAGES_PER_DAY);

test("plans that are named get their number, or none; the others keep their default", () => {
  expect(parse("standard=1000")).toEqual({ standard: 1_000, premium: 100_000, operator: null });
  expect(parse(" premium = none , operator=7 ")).toEqual({ standard: 500, premium: null, operator: 7 });
});

test.each([
  "standard",
  "standard=",
  "standard=0",
  "standard=-1",
  "standard=1.5",
  "gold=1",
  "standard=1,",
  "",
])("%j is no list of limits", (text) => {
  expect(parse(text)).toBeNull();
});
