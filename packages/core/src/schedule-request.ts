import * as z from "zod";
import { expecting } from "./expectation.ts";
import { faultOfCron } from "./schedule-cron.ts";
import { isTimeZone } from "./wall-time.ts";

/** What becomes of a run that is due while the job of one before has not ended. */
export const OVERLAP_POLICIES = ["skip", "queue", "replace"] as const;
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];

/** What becomes of runs that were due while nobody could start them. */
export const MISSED_POLICIES = ["skip", "run-once"] as const;
export type MissedPolicy = (typeof MISSED_POLICIES)[number];

/** What started a run: the clock, somebody who asked for it, or a hook. */
export const RUN_TRIGGERS = ["time", "manual", "hook"] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

export const RUN_STATES = ["waiting", "started", "skipped", "missed", "failed"] as const;
export type RunState = (typeof RUN_STATES)[number];

/** When a schedule is due, and what becomes of runs that cannot start then. */
export interface SchedulePlan {
  /** Null with an interval. */
  readonly cron: string | null;
  readonly everySeconds: number | null;
  /** Of the cron expression and of the quiet hours. */
  readonly timeZone: string;
  readonly jitterSeconds: number;
  readonly quietHours: { readonly from: string; readonly to: string } | null;
  readonly overlap: OverlapPolicy;
  readonly missed: MissedPolicy;
}

const DAY_SECONDS = 86_400;
const NAME = "a name of 1 to 100 characters";
const seconds = (min: number, max: number) => {
  const error = expecting(`a whole number from ${min} to ${max}`);
  return z.int({ error, abort: true }).min(min, { error }).max(max, { error });
};
const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: expecting("a time of the day such as 08:30") });

const quietHours = z
  .strictObject({ from: timeOfDay, to: timeOfDay })
  .refine(({ from, to }) => from !== to, { error: "expected an end that is not the beginning" });

const cron = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const fault = faultOfCron(text);
    if (fault !== undefined) context.addIssue({ code: "custom", message: expecting(fault)({ input: text }) });
  });

/** The fields of a schedule's request, besides its job. */
export const scheduleFields = {
  name: z
    .string()
    .regex(/^[^\0]*\S[^\0]*$/, { error: expecting(NAME) })
    .max(100, { error: expecting(NAME) }),
  cron: cron.nullish().transform((text) => text ?? null),
  everySeconds: seconds(60, 366 * DAY_SECONDS)
    .nullish()
    .transform((every) => every ?? null),
  timeZone: z
    .string()
    .max(64)
    .refine(isTimeZone, { error: expecting("a time zone such as Europe/Berlin") })
    .default("UTC"),
  jitterSeconds: seconds(0, DAY_SECONDS).default(0),
  quietHours: quietHours.nullish().transform((hours) => hours ?? null),
  overlap: z.enum(OVERLAP_POLICIES).default("skip"),
  missed: z.enum(MISSED_POLICIES).default("run-once"),
};
