import { expect, test } from "@jest/globals";
import { cut, wrap } from "./text.ts";

test.each([
  ["short", 10, "short"],
  ["exactly ten", 11, "exactly ten"],
  ["a little too long", 10, "a little …"],
  ["x", 0, "…"],
])("%j in %i columns", (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

test("a sentence is wrapped at its words", () => {
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrap("a-very-long-word b", 10)).toEqual(["a-very-lo…", "b"]);
  expect(wrap("short", 80)).toEqual(["short"]);
});
