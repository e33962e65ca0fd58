import { expect, test } from "@jest/globals";
import { Backoff } from "./backoff.ts";

test("doubles from one second to half a minute while a process keeps ending", () => {
  const backoff = new Backoff();
  const waits = Array.from({ length: 7 }, () => backoff.next(100));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("begins anew after a run that was long enough to be well", () => {
  const backoff = new Backoff();
  backoff.next(0);
  backoff.next(0);
  expect(backoff.next(60_000)).toBe(1_000);
  expect(backoff.next(59_999)).toBe(2_000);
});
