import type { Redis } from "ioredis";
import { turnsKey } from "./keys.ts";

/**
 * KEYS[1] the counter; ARGV[1] the window in ms. A counter without an end (its first command was cut off from its
 * second) would count for ever, so the end is looked at, not the count.
 */
const TAKE = `
local taken = redis.call('incr', KEYS[1])
local left = redis.call('pttl', KEYS[1])
if left < 0 then
  redis.call('pexpire', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return { taken, left }`;

/** KEYS[1] the counter. One that has ended meanwhile must not come back below zero. */
const GIVE_BACK = `
if tonumber(redis.call('get', KEYS[1]) or '0') > 0 then redis.call('decr', KEYS[1]) end`;

export interface Turn {
  /** How often one has asked in this window, this time included. */
  readonly taken: number;
  /** Milliseconds until the next window begins, from whoever asks first then. */
  readonly resetMs: number;
}

/** Counts one more request of somebody, over all processes, in one round trip. */
export async function takeTurn(redis: Redis, who: string, windowMs: number): Promise<Turn> {
  const [taken, resetMs] = (await redis.eval(TAKE, 1, turnsKey(who), windowMs)) as [number, number];
  return { taken, resetMs };
}

/** Takes back what was counted. */
export async function giveTurnBack(redis: Redis, who: string): Promise<void> {
  await redis.eval(GIVE_BACK, 1, turnsKey(who));
}
