import { expect, test } from "@jest/globals";
import { clean, count, measured, pathIn } from "./words.ts";

test("what a server says cannot steer the terminal", () => {
  expect(clean("a\u001b[2Jb\u009b31mc\r\nd\u202ee\u007f")).toBe(
    "a\ufffd[2Jb\ufffd31mc\ufffd\ufffdd\ufffde\ufffd",
  );
  expect(clean("Zürich — 東京 → ok")).toBe("Zürich — 東京 → ok");
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
  [59_940, "59.9 s"],
  [59_960, "1m"],
  [97_000, "1m 37s"],
  [3_600_000, "1h"],
])("%d ms as a person says it", (ms, expected) => {
  expect(measured(ms)).toBe(expected);
});

test("a URL of the site is shown as its path, another one whole", () => {
  expect(pathIn("https://a.test", "https://a.test/b?c")).toBe("/b?c");
  expect(pathIn("https://a.test", "https://a.test.evil/b")).toBe("https://a.test.evil/b");
});
