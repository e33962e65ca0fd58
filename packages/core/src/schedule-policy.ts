import type { MissedPolicy, OverlapPolicy } from "./schedule-request.ts";

/** A run that nobody started for so long is missed. A change of leaders takes some 15 s, a restart of a store as long. */
export const MISSED_AFTER_MS = 120_000;

export function isMissed(dueAt: Date, now: Date): boolean {
  return now.getTime() - dueAt.getTime() > MISSED_AFTER_MS;
}

/** After which time the next run is looked for, once one is due: of those that were missed, at most one is made up for. */
export function resumeAfter(missed: boolean, policy: MissedPolicy, now: Date): Date {
  // One that came while nobody looked, but only just now, is no missed one.
  return missed && policy === "skip" ? new Date(now.getTime() - MISSED_AFTER_MS) : now;
}

/** What becomes of a run whose schedule has jobs that have not ended; `cancel` those, and then it starts. */
export type OverlapStep = "start" | "wait" | "skip" | "cancel";

/** @param first whether no other run of the schedule waits before this one. */
export function judgeOverlap(policy: OverlapPolicy, openJobs: number, first: boolean): OverlapStep {
  if (openJobs === 0) return first ? "start" : "wait";
  if (policy === "replace") return "cancel";
  // One that waits starts with the site as it is then: a second one would only visit it twice.
  return policy === "queue" && first ? "wait" : "skip";
}
