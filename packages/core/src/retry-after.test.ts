import { expect, test } from "@jest/globals";
import { parseRetryAfter } from "./retry-after.ts";

const NOW = Date.parse("2026-11-06T08:49:37Z");

test.each([
  ["120", 120_000],
  ["0", 0],
  [" 5 ", 5_000],
  ["31536000", 31_536_000_000],
  // The three forms of a date (RFC 9110 section 5.6.7), each 23 s away.
  ["Fri, 06 Nov 2026 08:50:00 GMT", 23_000],
  ["Friday, 06-Nov-26 08:50:00 GMT", 23_000],
  ["Fri Nov  6 08:50:00 2026", 23_000],
  ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
  ["-1", null],
  ["1.5", null],
  ["soon", null],
  ["Fri, nonsense GMT", null],
  ["2026-11-06T08:50:00Z", null],
  ["", null],
  [null, null],
])("Retry-After: %s asks for %p ms", (value, ms) => {
  expect(parseRetryAfter(value, NOW)).toBe(ms);
});
