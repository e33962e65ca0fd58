import {
  CACHE_RESULTS,
  type CacheResult,
  NO_TIMES,
  type Times,
  VISIT_RESULTS,
  type VisitResult,
} from "@bee/core";
import type { ChainableCommander, Redis } from "ioredis";
import { toldKey, totalsKey } from "./keys.ts";

/** A number that only grows, as its worker counts it. */
export interface Count {
  readonly name: string;
  /** Since the worker's start. */
  readonly value: number;
  /** Of that, what Redis is known to have. */
  readonly told: number;
}

/** What the fleet has done since its Redis is there. */
export interface FleetTotals {
  readonly visits: readonly {
    readonly result: VisitResult;
    readonly cache: CacheResult;
    readonly count: number;
  }[];
  /** How long sites took to answer. */
  readonly responses: Times;
  /** For how long visits held their slots. */
  readonly tasks: Times;
  /** Changes of the number of workers. */
  readonly decisions: { readonly up: number; readonly down: number };
}

/** Of pages that are not ok, or not yet, nothing is said of the cache. */
const NO_CACHE: readonly CacheResult[] = ["none"];

/** Names of the counts. */
export const countNames = {
  visits: (result: VisitResult, cache: CacheResult) => `visits ${result} ${cache}`,
  times: (kind: "responses" | "tasks", step: number) => `${kind} ${step}`,
  /** Whole milliseconds. */
  timesSum: (kind: "responses" | "tasks") => `${kind} sum`,
  decisions: (direction: "up" | "down") => `decisions ${direction}`,
} as const;

/** A worker tells its counts every two seconds, or what it told last is known to itself. */
const TOLD_MS = 60_000;

/**
 * KEYS[1] the totals, KEYS[2] what this worker has told; ARGV[1] ms to remember that, then name, value, told by name. A
 * report whose reply was lost is sent again with larger values; adding only what is new makes that harmless.
 */
const TELL = `
for i = 2, #ARGV, 3 do
  local told = redis.call('hget', KEYS[2], ARGV[i]) or ARGV[i + 2]
  redis.call('hincrby', KEYS[1], ARGV[i], ARGV[i + 1] - told)
  redis.call('hset', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('pexpire', KEYS[2], ARGV[1])`;

/** Adds to the fleet's totals what a worker has counted since it told last; each count once, however often it is told. */
export function tellCounts(multi: ChainableCommander, worker: string, counts: readonly Count[]): void {
  if (counts.length === 0) return;
  const told = counts.flatMap(({ name, value, told }) => [name, value, told]);
  multi.eval(TELL, 2, totalsKey(), toldKey(worker), TOLD_MS, ...told);
}

export async function countDecision(redis: Redis, direction: "up" | "down"): Promise<void> {
  await redis.hincrby(totalsKey(), countNames.decisions(direction), 1);
}

/** One round trip. They never become less, but for a Redis that lost its data. */
export async function readTotals(redis: Redis): Promise<FleetTotals> {
  const counts = await redis.hgetall(totalsKey());
  const count = (name: string) => Number(counts[name] ?? 0);
  const times = (kind: "responses" | "tasks"): Times => ({
    counts: NO_TIMES.counts.map((_, step) => count(countNames.times(kind, step))),
    sumMs: count(countNames.timesSum(kind)),
  });
  return {
    // Those that nobody had yet, too: whoever looks at increases must see the first one.
    visits: VISIT_RESULTS.flatMap((result) =>
      (result === "ok" ? CACHE_RESULTS : NO_CACHE).map((cache) => {
        return { result, cache, count: count(countNames.visits(result, cache)) };
      }),
    ),
    responses: times("responses"),
    tasks: times("tasks"),
    decisions: { up: count(countNames.decisions("up")), down: count(countNames.decisions("down")) },
  };
}
