import type { RateRule } from "@bee/core";
import type { Redis } from "ioredis";

/** What a gate granted: a place among those in flight, and a moment; in microseconds by Redis's clock. */
export interface Grant {
  /** When the place was asked for. */
  readonly askedAt: number;
  /** Where the request stands in its domain's pace: the theoretical arrival time of the generic cell rate algorithm. */
  readonly arrival: number;
}

/** When a request may start, in microseconds by Redis's clock. */
export interface Turn {
  readonly arrival: number;
  readonly from: number;
  /** Those behind it count on its having started by then. */
  readonly until: number;
}

const MICROS = 1_000;
/**
 * A start may come this much later than it could, by a busy event loop, a slow answer of Redis or a new connection. So
 * much is kept off the burst's head start: the first request of a burst may be that late, the others on time, and the
 * bound still holds. The pace after the burst is the same.
 */
const SPREAD_MS = 250;
/** Where there is no burst to keep it off: the bound holds up to the requests that fit into this time. */
const LEAST_SPREAD_MS = 25;

/** Microseconds between two requests. */
export function spacingOf({ requestsPerSecond }: RateRule): number {
  return Math.ceil((1_000 * MICROS) / requestsPerSecond);
}

/** Microseconds by which a request may start ahead of its arrival. */
export function headStartOf(rule: RateRule): number {
  const burst = (rule.burst - 1) * spacingOf(rule);
  return Math.max(0, burst - SPREAD_MS * MICROS);
}

/** Microseconds by which a request may start behind its arrival. */
export function spreadOf(rule: RateRule): number {
  const burst = (rule.burst - 1) * spacingOf(rule);
  return Math.max(LEAST_SPREAD_MS * MICROS, Math.min(burst, SPREAD_MS * MICROS));
}

/** @param paid microseconds of the domain's pace that the request has taken besides its own, to be that much later. */
export function turnOf(arrival: number, rule: RateRule, paid = 0): Turn {
  return { arrival, from: arrival - headStartOf(rule), until: arrival + spreadOf(rule) + paid };
}

/** The request's place, as Bottleneck keeps it. */
export interface PlaceInRedis {
  readonly gate: string;
  readonly index: string;
}

/**
 * KEYS[1] a gate's settings; KEYS[2] its places by the moment they are given to another; ARGV[1] a place; ARGV[2] the
 * microseconds to keep it; ARGV[3] up to when the turn that was missed took the domain's pace, besides one spacing;
 * ARGV[4] the microseconds of pace to take besides one spacing. Returns a new arrival; nothing when the place is no longer
 * held. A missed turn that nobody stands behind is given back.
 */
const AGAIN = `
local nextRequest = tonumber(redis.call('hget', KEYS[1], 'nextRequest'))
if not nextRequest or not redis.call('zscore', KEYS[2], ARGV[1]) then return false end
local spacing = tonumber(redis.call('hget', KEYS[1], 'minTime'))
if nextRequest == ARGV[3] + spacing then nextRequest = tonumber(ARGV[3]) end
local time = redis.call('time')
local now = time[1] * 1000000 + time[2]
local arrival = math.max(now, nextRequest)
redis.call('zadd', KEYS[2], now + ARGV[2], ARGV[1])
redis.call('hset', KEYS[1], 'nextRequest', arrival + spacing + ARGV[4])
return arrival`;

export interface AgainOptions {
  /** Microseconds for which the place is kept from now on. */
  readonly keep: number;
  /** Up to when the turn that was missed took the domain's pace, besides one spacing. */
  readonly missed: number;
  /** Microseconds of the domain's pace to take besides one spacing. */
  readonly pay: number;
}

/**
 * A new turn for a request that missed its own, in the place that it has.
 * @returns its arrival; null when the place was given to another, or Redis lost the gate.
 */
export async function askAgain(
  redis: Redis,
  { gate, index }: PlaceInRedis,
  { keep, missed, pay }: AgainOptions,
): Promise<number | null> {
  const keys = [`b_${gate}_settings`, `b_${gate}_job_expirations`];
  const arrival = await redis.eval(AGAIN, keys.length, ...keys, index, keep, missed, pay);
  return arrival === null ? null : Number(arrival);
}
