import { BeeError, nextRuns, type SchedulePlan, scheduleFields } from "@bee/core";
import type { Schedule, ScheduleContent } from "@bee/store";
import * as z from "zod";
import type { Caller } from "../http/caller.ts";
import { validate } from "../http/validate.ts";
import { requireOwnPriority, validJobRequestSchema } from "../jobs/job-request.ts";
import { readTarget } from "../jobs/target.ts";
import type { Parts } from "../parts.ts";

/** The body of `POST /v1/schedules`. */
export const scheduleRequestSchema = z
  .strictObject({ ...scheduleFields, job: validJobRequestSchema })
  .superRefine(({ cron, everySeconds }, context) => {
    if ((cron === null) === (everySeconds === null)) {
      const got = cron === null ? "neither" : "both";
      context.addIssue({
        ...{ code: "custom", path: ["cron"] },
        message: `expected either cron or everySeconds, got ${got}`,
      });
    }
  });

/** The body of `PATCH /v1/schedules/:id`: what is left out stays. */
export const scheduleChangeSchema = z.looseObject({}).meta({
  description:
    "The fields of POST /v1/schedules, of which any may be left out and stays as it is; `job` is replaced as a whole.",
});

/**
 * What a schedule is to do, checked as its job will be when it is submitted.
 * @throws BeeError as the body of `POST /v1/jobs`, with pointers into this body.
 */
export function parseScheduleRequest(body: unknown, caller: Caller, { config }: Parts): ScheduleContent {
  const { name, job, ...plan } = validate(scheduleRequestSchema, body, "the body");
  inJob(() => {
    requireOwnPriority(job, caller);
    readTarget(job, caller, config);
  });
  return { name, request: job, plan };
}

/** The request that a schedule would be made by, with some fields changed. */
export function changedRequest({ name, request, plan }: Schedule, change: object): object {
  const either = "cron" in change || "everySeconds" in change ? { cron: null, everySeconds: null } : {};
  return { name, job: request, ...plan, ...either, ...change };
}

export interface ScheduleView {
  readonly id: string;
  readonly keyId: string;
  readonly name: string;
  readonly job: ScheduleContent["request"];
  readonly cron: string | null;
  readonly everySeconds: number | null;
  readonly timeZone: string;
  readonly jitterSeconds: number;
  readonly quietHours: SchedulePlan["quietHours"];
  readonly overlap: SchedulePlan["overlap"];
  readonly missed: SchedulePlan["missed"];
  readonly status: "active" | "paused";
  /** The next five; none while it is paused. */
  readonly nextRuns: readonly Date[];
  readonly hasHook: boolean;
  readonly createdAt: Date;
}

const SHOWN_RUNS = 5;

export function toScheduleView(schedule: Schedule): ScheduleView {
  const { id, keyId, name, request, plan, nextAt, hasHook, createdAt } = schedule;
  return {
    ...{ id, keyId, name, job: request, ...plan },
    status: nextAt === null ? "paused" : "active",
    nextRuns: nextAt === null ? [] : [nextAt, ...nextRuns(schedule, nextAt, SHOWN_RUNS - 1)],
    ...{ hasHook, createdAt },
  };
}

function inJob(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof BeeError)) throw error;
    const parts = error.parts.map(({ pointer, detail }) => ({ pointer: `/job${pointer}`, detail }));
    throw new BeeError(error.code, error.message, { parts, cause: error });
  }
}
