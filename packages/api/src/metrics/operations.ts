import { TIERS } from "@bee/core";
import { HISTORY_RANGES } from "@bee/store";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { count, milliseconds, moment } from "../openapi/scalars.ts";
import { type HistoryPoint, historyQuery } from "./history-handler.ts";

const amount = z.number().min(0);

const pointSchema: z.ZodType<Json<HistoryPoint>> = z
  .object({
    at: moment,
    workers: amount,
    desired: amount,
    busy: amount.describe("Slots that are taken."),
    usable: amount.describe("Slots that the workers can fill."),
    queued: z.record(z.enum(TIERS), amount),
    oldestMs: milliseconds.describe("How long runnable work has waited for a slot."),
    connections: amount,
    cpu: amount.describe("Percent of a core, the mean of the workers."),
    memory: amount.describe("Bytes of all workers."),
    memoryShare: amount,
    redisMemory: amount,
    visitsPerSecond: amount,
    errorRate: amount.nullable().describe("Of the visits; null without any."),
    p95Ms: milliseconds.nullable(),
    meanMs: milliseconds.nullable(),
    taskMs: milliseconds.nullable(),
  })
  .meta({ id: "HistoryPoint" });

const errorRateSchema = z.object({ domain: z.string(), failed: count, pages: count, errorRate: amount });

const group = "The fleet";

export const METRICS_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/fleet/history", group, access: "key" },
    summary: "The fleet over the last hour, day or week",
    query: historyQuery,
    answers: { 200: z.object({ range: z.enum(HISTORY_RANGES), points: z.array(pointSchema) }) },
  },
  {
    ...{ method: "GET", path: "/v1/fleet/errors", group, access: "key" },
    summary: "The domains that most pages failed of, in the jobs of the last day",
    answers: { 200: z.object({ domains: z.array(errorRateSchema) }) },
  },
];
