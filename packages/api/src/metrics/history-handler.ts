import { perTier } from "@bee/core";
import { HISTORY_RANGES, listHistory, type Sample } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

export const historyQuery = z.strictObject({ range: z.enum(HISTORY_RANGES).default("hour") });

/** `GET /v1/fleet/history`: the fleet over the last hour, day or week, in 360 points at most. */
export function historyHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { range } = readQuery(request, historyQuery);
    response.json({ range, points: (await listHistory(db, range)).map(pointOf) });
  };
}

export type HistoryPoint = ReturnType<typeof pointOf>;

function pointOf({ at, seconds, visits, failures, queued, ...sample }: Sample) {
  const { workers, desired, busy, usable, connections, cpu, memory, memoryShare, redisMemory } = sample;
  const { oldestMs, p95Ms, meanMs, taskMs } = sample;
  return {
    at,
    workers: round(workers),
    desired: round(desired),
    busy: round(busy),
    usable: round(usable),
    queued: perTier((tier) => round(queued[tier])),
    oldestMs: Math.round(oldestMs),
    connections: round(connections),
    cpu: round(cpu),
    memory: Math.round(memory),
    memoryShare: round(memoryShare),
    redisMemory: Math.round(redisMemory),
    visitsPerSecond: round(visits / seconds),
    errorRate: visits === 0 ? null : round(failures / visits),
    p95Ms: wholeOrNull(p95Ms),
    meanMs: wholeOrNull(meanMs),
    taskMs: wholeOrNull(taskMs),
  };
}

/** A hundredth is finer than a chart shows. */
function round(value: number): number {
  return Math.round(100 * value) / 100;
}

function wholeOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
