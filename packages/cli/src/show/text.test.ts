import { expect, test } from "@jest/globals";
import { cut, shorten, wrap } from "./text.ts";

test.each([
  ["short", 10, "short"],
  ["exactly ten", 11, "exactly ten"],
  ["a little too long", 10, "a little …"],
  ["x", 0, "…"],
])("%j in %i columns", (text, width, expected) => {
  expect(cut(text, width)).toBe(expected);
});

test.each([
  ["https://a.test/shop/1", 30, "https://a.test/shop/1"],
  ["https://a.test/shop/1", 11, "https…hop/1"],
  ["/shop/shoes/1", 8, "/sho…s/1"],
  ["/x → /y answered 404", 8, "/x → /y…"],
  ["answered 404", 8, "answere…"],
  ["/shop", 1, "…"],
])("%j keeps in %i columns what tells it apart", (text, width, expected) => {
  expect(shorten(text, width)).toBe(expected);
});

test("a sentence is wrapped at its words", () => {
  expect(wrap("one two three four", 9)).toEqual(["one two", "three", "four"]);
  expect(wrap("a-very-long-word b", 10)).toEqual(["a-very-lo…", "b"]);
  expect(wrap("short", 80)).toEqual(["short"]);
});
