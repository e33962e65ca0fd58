import { expect, test } from "@jest/globals";
import { RespawnDelay } from "./respawn-delay.ts";

test("doubles from one second to half a minute while a process keeps ending", () => {
  const delay = new RespawnDelay();
  const waits = Array.from({ length: 7 }, () => delay.next(100));
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("begins anew after a run that was long enough to be well", () => {
  const delay = new RespawnDelay();
  delay.next(0);
  delay.next(0);
  expect(delay.next(60_000)).toBe(1_000);
  expect(delay.next(59_999)).toBe(2_000);
});
