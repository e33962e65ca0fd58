import { createHash } from "node:crypto";
import { nextCron } from "./schedule-cron.ts";
import type { SchedulePlan } from "./schedule-request.ts";
import { timeOfWall, wallOf } from "./wall-time.ts";

/** What the due times of a schedule follow from. */
export interface Timing {
  readonly id: string;
  readonly plan: SchedulePlan;
  /** From when on the interval is counted. */
  readonly anchorAt: Date;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * The first time after that one at which a schedule is due. A time in its quiet hours is due at their end, and so are
 * all of the same quiet hours: one run makes up for them.
 */
export function nextRun({ id, plan, anchorAt }: Timing, after: Date): Date {
  const jitter = jitterOf(id, plan.jitterSeconds * 1_000);
  const since = after.getTime() - jitter;
  const base =
    plan.cron !== null
      ? nextCron(plan.cron, plan.timeZone, since)
      : nextInterval(anchorAt.getTime(), plan.everySeconds! * 1_000, since);
  return new Date(leaveQuiet(base + jitter, plan));
}

/** The next due times, each after the one before. */
export function nextRuns(timing: Timing, after: Date, count: number): Date[] {
  const runs: Date[] = [];
  for (let last = after; runs.length < count; ) {
    last = nextRun(timing, last);
    runs.push(last);
  }
  return runs;
}

/** Milliseconds below the most: the same for a schedule at any time, and spread over all of them. */
export function jitterOf(id: string, mostMs: number): number {
  const part = createHash("sha256").update(id).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(part * mostMs);
}

function nextInterval(anchor: number, everyMs: number, after: number): number {
  return anchor + Math.max(1, Math.floor((after - anchor) / everyMs) + 1) * everyMs;
}

function leaveQuiet(time: number, { quietHours, timeZone }: SchedulePlan): number {
  if (quietHours === null) return time;
  const [from, to] = [msOf(quietHours.from), msOf(quietHours.to)];
  const wall = wallOf(time, timeZone);
  const shown = wall % DAY_MS;
  const isQuiet = from < to ? shown >= from && shown < to : shown >= from || shown < to;
  if (!isQuiet) return time;
  const left = (to - shown + DAY_MS) % DAY_MS;
  const end = timeOfWall(wall + left, timeZone);
  // In an hour that comes twice the end may be past already, the first time it was shown.
  return end > time ? end : time + left;
}

/** Since midnight, of a time such as `08:30`. */
function msOf(time: string): number {
  const [hours, minutes] = time.split(":").map(Number);
  return (hours! * 60 + minutes!) * MINUTE_MS;
}
