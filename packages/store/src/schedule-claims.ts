import { isMissed, nextRun, type Plan, resumeAfter } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { type InsertedJob, insertJobIn, type NewJob } from "./insert-job.ts";
import { IS_VALID } from "./keys.ts";
import { addRun, type ScheduleRun } from "./schedule-runs.ts";
import type { NextRun, Schedule } from "./schedules.ts";
import type { JobOfDomain } from "./sweep.ts";

/** Schedules looked at in one transaction. */
const CHUNK = 100;

/**
 * Writes down the runs that are due, and when their schedules are due next, in one transaction: whoever looks at the same
 * moment finds either of it done or nothing.
 * @returns the schedules that were due, with when they are next.
 */
export function claimDue(db: Database, now: Date): Promise<NextRun[]> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<Pick<Schedule, "id" | "plan" | "anchorAt"> & { readonly nextAt: Date }>`
      select id, plan, anchor_at as "anchorAt", next_at as "nextAt" from schedules
      where next_at <= ${now} order by next_at limit ${CHUNK} for update skip locked`.execute(tx);
    const next: NextRun[] = [];
    for (const schedule of rows) {
      const { id: scheduleId, nextAt: dueAt, plan } = schedule;
      const missed = isMissed(dueAt, now);
      const run = { scheduleId, dueAt, trigger: "time" } as const;
      if (missed && plan.missed === "skip") {
        await addRun(tx, { ...run, state: "missed", reason: "it was due while no leader worked" });
      } else await addRun(tx, { ...run, state: "waiting" });
      const at = nextRun(schedule, resumeAfter(missed, plan.missed, now));
      await sql`update schedules set next_at = ${at} where id = ${scheduleId}`.execute(tx);
      next.push({ id: scheduleId, at });
    }
    return next;
  });
}

/** What has to be known of a run's schedule to start it. */
export interface RunSetting {
  readonly schedule: Pick<Schedule, "id" | "keyId" | "request" | "plan">;
  readonly keyPlan: Plan;
  /** Whether its key still opens the door. */
  readonly keyValid: boolean;
  /** Jobs of the schedule that have not ended. */
  readonly openJobs: readonly JobOfDomain[];
  /** Whether no other run of it waits before this one. */
  readonly first: boolean;
}

export async function readRunSetting(
  db: Database,
  { id, scheduleId }: ScheduleRun,
): Promise<RunSetting | undefined> {
  const { rows } = await sql<Omit<RunSetting, "schedule"> & RunSetting["schedule"]>`
    select s.id, s.key_id as "keyId", s.request, s.plan, keys.plan as "keyPlan", ${IS_VALID} and not read_only as "keyValid",
      not exists (select from schedule_runs r where r.schedule_id = s.id and r.state = 'waiting' and r.id < ${id})
        as first,
      coalesce((select jsonb_agg(jsonb_build_object('id', j.id, 'domain', d.name))
        from jobs j join domains d on d.id = j.domain_id where j.schedule_id = s.id and j.${OPEN}), '[]') as "openJobs"
    from schedules s join keys on keys.id = s.key_id where s.id = ${scheduleId}`.execute(db);
  if (rows[0] === undefined) return undefined;
  const { keyPlan, keyValid, openJobs, first, ...schedule } = rows[0];
  return { schedule, keyPlan, keyValid, openJobs, first };
}

const OPEN = sql`status in ('pending', 'expanding', 'running', 'paused')`;

/**
 * Starts a run: its job and that it has started are one transaction, and the schedule is held until its end. Undefined
 * where somebody has started it before, or another run of the schedule meanwhile.
 * @throws QuotaExceeded
 */
export function startRun(
  db: Database,
  { id, scheduleId }: ScheduleRun,
  job: NewJob,
  dailyPages: number | null,
): Promise<InsertedJob | undefined> {
  return db.transaction().execute(async (tx) => {
    // Held first, then looked at: a statement that waits for the lock sees what was before it waited.
    await sql`select from schedules where id = ${scheduleId} for update`.execute(tx);
    const { rows } = await sql`
      select from schedule_runs where id = ${id} and state = 'waiting'
        and not exists (select from jobs where schedule_id = ${scheduleId} and ${OPEN})`.execute(tx);
    if (rows.length === 0) return undefined;
    const inserted = await insertJobIn(tx, { ...job, scheduleId }, dailyPages);
    await sql`
      update schedule_runs set state = 'started', reason = null, job_id = ${inserted.id} where id = ${id}`.execute(
      tx,
    );
    return inserted;
  });
}
