import { expect, test } from "@jest/globals";
import { formatDuration, parseDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["30s", 30_000],
  ["2m", 120_000],
  ["1.5h", 5_400_000],
  ["1d", 86_400_000],
  [" 0s ", 0],
  ["", null],
  ["2", null],
  ["2 m", null],
  ["-2m", null],
  ["2min", null],
  ["m", null],
  ["1e3s", null],
])("%p is %p ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [0, "0s"],
  [-5_000, "0s"],
  [499, "0s"],
  [1_500, "2s"],
  [59_999, "1m"],
  [61_000, "1m 1s"],
  [3_600_000, "1h"],
  [3_661_000, "1h 1m"],
  [90_061_000, "1d 1h"],
])("%i ms are %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
