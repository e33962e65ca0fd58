import {
  MISSED_POLICIES,
  OVERLAP_POLICIES,
  RUN_STATES,
  RUN_TRIGGERS,
  scheduleFields,
  TIERS,
} from "@bee/core";
import type { ScheduleRun } from "@bee/store";
import * as z from "zod";
import { validJobRequestSchema } from "../jobs/job-request.ts";
import type { Json, Operation } from "../openapi/operation.ts";
import { moment, nextCursor, uuid } from "../openapi/scalars.ts";
import { schedulesQuery } from "./handlers.ts";
import { type ScheduleView, scheduleRequestSchema } from "./schedule-request.ts";

const job = z.object({
  url: z.string().exactOptional(),
  domain: z.string().exactOptional(),
  maxPages: z.int(),
  useSitemap: z.boolean(),
  followLinks: z.boolean(),
  include: z.array(z.string()),
  exclude: z.array(z.string()),
  verify: z.enum(["all", "none"]),
  region: z.string().exactOptional(),
  priority: z.enum(TIERS).exactOptional(),
  webhookUrl: z.string().exactOptional(),
});

const scheduleSchema = z
  .object({
    id: uuid,
    keyId: uuid,
    name: z.string(),
    job: job.describe("What each run submits."),
    cron: z.string().nullable(),
    everySeconds: z.int().nullable(),
    timeZone: z.string(),
    jitterSeconds: z.int(),
    quietHours: z.object({ from: z.string(), to: z.string() }).nullable(),
    overlap: z.enum(OVERLAP_POLICIES),
    missed: z.enum(MISSED_POLICIES),
    status: z.enum(["active", "paused"]),
    nextRuns: z.array(moment).describe("The next five; none while it is paused."),
    hasHook: z.boolean(),
    createdAt: moment,
  })
  .meta({ id: "Schedule" }) satisfies z.ZodType<Json<ScheduleView>>;

const runSchema: z.ZodType<Json<ScheduleRun>> = z
  .object({
    id: uuid,
    scheduleId: uuid,
    dueAt: moment,
    trigger: z.enum(RUN_TRIGGERS),
    state: z.enum(RUN_STATES),
    reason: z.string().nullable().describe("Why it waits, or was not started."),
    jobId: uuid.nullable(),
  })
  .meta({ id: "ScheduleRun" });

const group = "Schedules";
const problems = ["invalid-url", "address-not-allowed"] as const;

export const SCHEDULE_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/schedules", group, access: "key" },
    summary: "List schedules, the newest first",
    query: schedulesQuery,
    answers: { 200: z.object({ schedules: z.array(scheduleSchema), nextCursor }) },
  },
  {
    ...{ method: "POST", path: "/v1/schedules", group, access: "key" },
    summary: "Submit a job again and again",
    description:
      "Either `cron`, five fields on the clocks of `timeZone`, or `everySeconds`. A run that falls into the quiet hours waits until their end.",
    body: scheduleRequestSchema.meta({ id: "ScheduleRequest" }),
    answers: { 201: scheduleSchema },
    problems,
  },
  {
    ...{ method: "GET", path: "/v1/schedules/:id", group, access: "key" },
    summary: "Show a schedule and its next five runs",
    answers: { 200: scheduleSchema },
  },
  {
    ...{ method: "PATCH", path: "/v1/schedules/:id", group, access: "key" },
    summary: "Change a schedule",
    description: "What is left out stays as it is; `job` is replaced as a whole.",
    body: z
      .strictObject({ ...scheduleFields, job: validJobRequestSchema })
      .partial()
      .meta({ id: "ScheduleChange" }),
    answers: { 200: scheduleSchema },
    problems,
  },
  {
    ...{ method: "DELETE", path: "/v1/schedules/:id", group, access: "key" },
    summary: "Remove a schedule; jobs that it has started go on",
    answers: { 204: null },
  },
  {
    ...{ method: "POST", path: "/v1/schedules/:id/pause", group, access: "key" },
    summary: "Let a schedule be due no more",
    answers: { 200: scheduleSchema },
  },
  {
    ...{ method: "POST", path: "/v1/schedules/:id/resume", group, access: "key" },
    summary: "Let a paused schedule be due again; what it missed is not made up for",
    answers: { 200: scheduleSchema },
  },
  {
    ...{ method: "POST", path: "/v1/schedules/:id/run", group, access: "key" },
    summary: "Run a schedule now",
    answers: { 202: runSchema },
  },
  {
    ...{ method: "GET", path: "/v1/schedules/:id/runs", group, access: "key" },
    summary: "List what became of a schedule's runs, the newest first",
    query: schedulesQuery,
    answers: { 200: z.object({ runs: z.array(runSchema), nextCursor }) },
  },
  {
    ...{ method: "POST", path: "/v1/schedules/:id/hook", group, access: "key" },
    summary: "Make the hook of a schedule, in place of the one before",
    answers: {
      201: z.object({
        token: z.string().describe("Shown in this answer only."),
        path: z.string().describe("To be called by POST, without a key."),
      }),
    },
  },
  {
    ...{ method: "DELETE", path: "/v1/schedules/:id/hook", group, access: "key" },
    summary: "Revoke the hook of a schedule",
    answers: { 204: null },
  },
  {
    ...{ method: "POST", path: "/v1/hooks/:token", group, access: "anybody" },
    summary: "Run a schedule now, after a publish",
    description:
      "The token is the key; a body is not read. Calls while a run waits are one run. At most 10 calls a minute.",
    answers: { 202: z.object({ run: uuid, state: z.enum(RUN_STATES) }) },
    problems: ["not-found", "conflict", "too-many-requests"],
  },
];
