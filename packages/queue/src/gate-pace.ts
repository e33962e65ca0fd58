import type { RateRule } from "@bee/core";
import type { Redis } from "ioredis";
import { gateId } from "./keys.ts";

/**
 * KEYS[1] the settings of a gate's limiter; ARGV[1] its spacing in microseconds; ARGV[2] its burst; ARGV[3] ms to keep it
 * after that. A later start is always allowed. An earlier one only where nobody has one by the pace from before, and
 * then as if a whole burst had been used up just now.
 */
const START_ANEW = `
local next = tonumber(redis.call('hget', KEYS[1], 'nextRequest'))
if not next then return end
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local latest = redis.call('hget', KEYS[1], 'running') == '0' and now + ARGV[1] * ARGV[2] or next
local anew = math.max(now + ARGV[1], math.min(next, latest))
redis.call('hset', KEYS[1], 'nextRequest', string.format('%.0f', anew))
local keep = math.ceil((anew - now) / 1000 + ARGV[3])
if redis.call('pttl', KEYS[1]) < keep then redis.call('pexpire', KEYS[1], keep) end`;

const KEEP_MS = 300_000;

/**
 * A request has just been made and its answer has changed the gate's pace: the next one starts one spacing of the new
 * pace from now, and not when the pace from before had it.
 */
export async function startAnew(redis: Redis, domain: string, rule: RateRule): Promise<void> {
  const spacing = Math.ceil(1_000_000 / rule.requestsPerSecond);
  await redis.eval(START_ANEW, 1, `b_${gateId(domain)}_settings`, spacing, rule.burst, KEEP_MS);
}
