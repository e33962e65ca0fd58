import { expect, test } from "@jest/globals";
import { nextWebhookTry, WEBHOOK_PATIENCE_MS } from "./webhook-schedule.ts";

const HOUR_MS = 3_600_000;

/** When the tries of a message are that no try delivers, in milliseconds since the first. */
function triesOf(answerMs: number, askedMs: number | null = null): number[] {
  const at: number[] = [];
  let now = 0;
  for (let pauseMs: number | null = 0; pauseMs !== null; ) {
    now += pauseMs;
    at.push(now);
    now += answerMs;
    pauseMs = nextWebhookTry(at.length, now, askedMs);
  }
  return at;
}

test("a message that nobody takes is tried for a day, soon at first and a last time at its end", () => {
  const at = triesOf(0);
  expect(at.slice(0, 5)).toEqual([0, 5_000, 35_000, 155_000, 755_000]);
  expect(at.at(-1)).toBe(WEBHOOK_PATIENCE_MS);
  expect(at).toHaveLength(12);
  const pauses = at.slice(1).map((time, i) => time - at[i]!);
  expect(Math.max(...pauses)).toBe(6 * HOUR_MS);
});

test("a receiver that is silent for its ten seconds each time is given up, too", () => {
  const at = triesOf(10_000);
  expect(at.at(-1)! - WEBHOOK_PATIENCE_MS).toBeLessThanOrEqual(10_000);
  expect(at).toHaveLength(12);
});

test("what a receiver asks for lengthens a pause and never shortens one, and is no way to be asked never again", () => {
  expect(nextWebhookTry(1, 0, 60_000)).toBe(60_000);
  expect(nextWebhookTry(5, 0, 1_000)).toBe(1_800_000);
  expect(nextWebhookTry(1, 0, 365 * 24 * HOUR_MS)).toBe(6 * HOUR_MS);
  expect(nextWebhookTry(1, WEBHOOK_PATIENCE_MS - 5, 60_000)).toBe(5);
});

test("after a day there is no further try", () => {
  expect(nextWebhookTry(3, WEBHOOK_PATIENCE_MS)).toBeNull();
});
