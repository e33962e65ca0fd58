import type { BeeError } from "@bee/core";
import { expect, test } from "@jest/globals";
import * as z from "zod";
import { validate } from "./validate.ts";

const schema = z.strictObject({ pages: z.int().min(1), names: z.array(z.string()) });

function partsOf(value: unknown) {
  try {
    validate(schema, value, "the body");
  } catch (error) {
    return (error as BeeError).parts.map((part) => part.pointer);
  }
  return [];
}

test("what fits comes back", () => {
  expect(validate(schema, { pages: 1, names: ["a"] }, "the body")).toEqual({ pages: 1, names: ["a"] });
});

test("every wrong part is pointed at, unknown names too", () => {
  expect(partsOf({ pages: 0, names: ["a", 2], page: 1, "a/b~c": 1 })).toEqual([
    "/pages",
    "/names/1",
    "/page",
    "/a~1b~0c",
  ]);
});

test.each([[null], [[]], ["text"], [1], [undefined]])("%j is wrong as a whole", (value) => {
  expect(partsOf(value)).toEqual([""]);
  expect(() => validate(schema, value, "the body")).toThrow(
    /^the body: as a whole: expected an object, got /,
  );
});

test("the sentence names the first wrong part and counts the rest", () => {
  expect(() => validate(schema, { pages: 0, names: 1 }, "the body")).toThrow(
    /^the body: \/pages: .*\(and 1 more/,
  );
});

test("a body that is wrong everywhere gets an answer of bounded length", () => {
  const names = Array.from({ length: 10_000 }, () => 1);
  expect(partsOf({ pages: 1, names })).toHaveLength(20);
  expect(() => validate(schema, { pages: 1, names }, "the body")).toThrow(/and 9999 more/);
});
