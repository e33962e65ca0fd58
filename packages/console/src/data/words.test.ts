import { expect, test } from "@jest/globals";
import { ago, bytes, count, milliseconds, percent, rate, span } from "./words.ts";

test.each([
  [0.4, "0 s"],
  [59, "59 s"],
  [60, "1 min"],
  [200, "3 min 20 s"],
  [3_599, "60 min"],
  [7_500, "2 h 5 min"],
  [7_200, "2 h"],
  [259_200, "3 days"],
])("%s seconds are %s", (seconds, words) => {
  expect(span(seconds)).toBe(words);
});

test.each([
  [3, "3/s"],
  [0.5, "30/min"],
  [1 / 600, "6/h"],
  [0, "0/s"],
])("%s requests a second are %s", (perSecond, words) => {
  expect(rate(perSecond)).toBe(words);
});

test("sizes, times, shares and counts are short", () => {
  expect([bytes(0), bytes(999), bytes(1_400), bytes(638e6), bytes(null)]).toEqual([
    "0 B",
    "999 B",
    "1.4 kB",
    "638 MB",
    "–",
  ]);
  expect([milliseconds(12.4), milliseconds(1_234), milliseconds(12_345), milliseconds(null)]).toEqual([
    "12 ms",
    "1.23 s",
    "12.3 s",
    "–",
  ]);
  expect([percent(0), percent(0.042), percent(0.5)]).toEqual(["0 %", "4.2 %", "50 %"]);
  expect([count(1, "page"), count(2, "page"), count(1_000, "entry", "entries")]).toEqual([
    "1 page",
    "2 pages",
    "1,000 entries",
  ]);
  expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:01:40Z"))).toBe("1 min ago");
});
