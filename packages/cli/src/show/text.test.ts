import { expect, test } from "@jest/globals";
import { clean, count, cut, measured, pathIn, wrap } from "./text.ts";

test("what a server says cannot steer the terminal", () => {
  expect(clean("a\u001b[2Jb\u009b31mc\r\nd\u202ee\u007f")).toBe(
    "a\ufffd[2Jb\ufffd31mc\ufffd\ufffdd\ufffde\ufffd",
  );
  expect(clean("Zürich — 東京 → ok")).toBe("Zürich — 東京 → ok");
});

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

test.each([
  [0, "0 pages"],
  [1, "1 page"],
  [1234567, "1,234,567 pages"],
])("%i as a count", (n, expected) => {
  expect(count(n, "page")).toBe(expected);
});

test.each([
  [0, "less than 1 ms"],
  [999.4, "999 ms"],
  [1000, "1.0 s"],
  [12_340, "12.3 s"],
  [3_600_000, "60 min"],
])("%d ms as a person says it", (ms, expected) => {
  expect(measured(ms)).toBe(expected);
});

test("a URL of the site is shown as its path, another one whole", () => {
  expect(pathIn("https://a.test", "https://a.test/b?c")).toBe("/b?c");
  expect(pathIn("https://a.test", "https://a.test.evil/b")).toBe("https://a.test.evil/b");
});
