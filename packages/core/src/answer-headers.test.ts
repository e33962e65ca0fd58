import { expect, test } from "@jest/globals";
import { headerOf } from "./answer-headers.ts";

test.each([
  ["HIT", "HIT"],
  [" MISS, HIT ", "MISS, HIT"],
  [["a=1", "b=2"], "a=1, b=2"],
  ["", null],
  ["  ", null],
  [[], null],
  [undefined, null],
])("%j reads %j", (value, text) => {
  expect(headerOf({ "x-cache": value }, "x-cache")).toBe(text);
});
