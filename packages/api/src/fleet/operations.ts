import { TIERS, VISIT_RESULTS } from "@bee/core";
import type { QueueCounts, WorkerReport } from "@bee/queue";
import type { Decision } from "@bee/store";
import * as z from "zod";
import { canarySchema } from "../health/operations.ts";
import type { Json, Operation } from "../openapi/operation.ts";
import { count, milliseconds, moment } from "../openapi/scalars.ts";
import { type ConnectionsView, fleetQuery } from "./fleet-handlers.ts";
import type { FleetView } from "./fleet-view.ts";

const workerSchema: z.ZodType<WorkerReport> = z
  .object({
    id: z.string(),
    pid: z.int(),
    host: z.string(),
    region: z.string(),
    class: z.string(),
    state: z.enum(["starting", "working", "holding", "stopping"]),
    slots: count,
    busy: count,
    usable: count.describe("Slots that it can fill; fewer while its event loop is late."),
    lagMs: milliseconds,
    redisMs: milliseconds,
    sinceTakenMs: milliseconds.nullable(),
    cpu: z.number().describe("Percent of a core, the mean of ten seconds."),
    cpuLimit: z.number(),
    memory: count.describe("Bytes."),
    memoryLimit: z.number(),
    overload: z.enum(["cpu", "memory"]).nullable(),
    p95Ms: milliseconds.nullable().describe("What sites took to answer, in the last monitor interval."),
    meanMs: milliseconds.nullable(),
    taskMs: milliseconds.nullable().describe("How long a visit held its slot, on average."),
    visits: z.partialRecord(z.enum(VISIT_RESULTS), count),
    startedAt: moment,
    owner: z.string().nullable(),
  })
  .meta({ id: "Worker" });

const queueSchema: z.ZodType<QueueCounts> = z.object({ waiting: count, active: count, delayed: count });

const decisionSchema: z.ZodType<Json<Decision>> = z.object({
  at: moment,
  region: z.string(),
  class: z.string(),
  from: count,
  to: count,
  reason: z.string(),
  inputs: z.record(z.string(), z.unknown()).nullable(),
});

const connectionsSchema: z.ZodType<ConnectionsView> = z
  .object({ limit: count, budget: count, perWorker: count, open: count, idle: count })
  .describe("The fleet's connections to Postgres.");

const fleetViewSchema: z.ZodType<FleetView> = z.object({
  region: z.string(),
  class: z.string(),
  workers: count,
  desired: count,
  busy: count,
  usable: count,
  queues: z.record(z.enum(TIERS), queueSchema),
});

const fleetSchema = z
  .object({
    workers: z.array(workerSchema),
    queues: z.record(z.enum(TIERS), queueSchema),
    desired: count,
    current: count,
    fleets: z.array(fleetViewSchema).describe("The regions and classes of which the rest is the sum."),
    decisions: z.array(decisionSchema).describe("The newest first."),
    connections: connectionsSchema,
    canary: canarySchema.nullable().describe("The fleet's checks of itself; null while nobody makes any."),
  })
  .meta({ id: "Fleet" });

const group = "The fleet";

export const FLEET_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/fleet", group, access: "key" },
    summary: "Show the workers, the queues and the scaler's last decisions",
    answers: { 200: fleetSchema },
  },
  {
    ...{ method: "GET", path: "/v1/fleet/desired", group, access: "key" },
    summary: "How many workers there should be, for external autoscalers; of one fleet or of all",
    query: fleetQuery,
    answers: { 200: z.object({ workers: count }) },
  },
];
