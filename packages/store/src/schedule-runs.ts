import { type RunState, type RunTrigger, storable } from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database, Tx } from "./database.ts";
import { IS_VALID } from "./keys.ts";

/** What became of a time at which a schedule was due, or of a wish that it run. */
export interface ScheduleRun {
  readonly id: string;
  readonly scheduleId: string;
  readonly dueAt: Date;
  readonly trigger: RunTrigger;
  readonly state: RunState;
  /** Why it waits, or was not started. */
  readonly reason: string | null;
  /** The job that it started, as long as that is kept. */
  readonly jobId: string | null;
}

const COLUMNS = sql`id, schedule_id as "scheduleId", due_at as "dueAt", trigger, state, reason,
  (select j.id from jobs j where j.id = job_id and j.sweep is distinct from 'forget') as "jobId"`;

export interface NewRun {
  readonly scheduleId: string;
  readonly dueAt: Date;
  readonly trigger: RunTrigger;
  readonly state: RunState;
  readonly reason?: string;
}

/** Writes a run down. @returns undefined where the schedule has one at that moment already. */
export async function addRun(db: Database | Tx, run: NewRun): Promise<ScheduleRun | undefined> {
  const { rows } = await sql<ScheduleRun>`
    insert into schedule_runs (id, schedule_id, due_at, trigger, state, reason)
    values (${uuidv7()}, ${run.scheduleId}, ${run.dueAt}, ${run.trigger}, ${run.state}, ${run.reason ?? null})
    on conflict (schedule_id, due_at) do nothing
    returning ${COLUMNS}`.execute(db);
  return rows[0];
}

/**
 * Asks for a run now, beside those that are due by the clock. One that was asked for in the same way and waits still is
 * the answer to both.
 */
export function requestRun(
  db: Database,
  scheduleId: string,
  trigger: Exclude<RunTrigger, "time">,
): Promise<ScheduleRun | undefined> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ now: Date }>`
      select date_trunc('milliseconds', clock_timestamp()) as now from schedules
      where id = ${scheduleId} for update`.execute(tx);
    if (rows[0] === undefined) return undefined;
    const waiting = await sql<ScheduleRun>`
      select ${COLUMNS} from schedule_runs
      where schedule_id = ${scheduleId} and state = 'waiting' and trigger = ${trigger} limit 1`.execute(tx);
    if (waiting.rows[0] !== undefined) return waiting.rows[0];
    const dueAt = rows[0].now;
    const added = await addRun(tx, { scheduleId, dueAt, trigger, state: "waiting" });
    if (added !== undefined) return added;
    const { rows: same } = await sql<ScheduleRun>`
      select ${COLUMNS} from schedule_runs where schedule_id = ${scheduleId} and due_at = ${dueAt}`.execute(
      tx,
    );
    return same[0];
  });
}

/**
 * Runs that have not started yet, the oldest first; without those that can only wait on for their schedule's job and name
 * it already, for there may be any number of them before one that can start.
 */
export async function listWaitingRuns(db: Database, limit: number): Promise<ScheduleRun[]> {
  const { rows } = await sql<ScheduleRun>`
    select ${COLUMNS} from schedule_runs r where state = 'waiting' and not (
      exists (select from schedules s join keys on keys.id = s.key_id
        where s.id = r.schedule_id and s.plan->>'overlap' = 'queue' and ${IS_VALID} and not read_only)
      and exists (select from jobs j where j.schedule_id = r.schedule_id
        and j.status in ('pending', 'expanding', 'running', 'paused') and strpos(r.reason, j.id::text) > 0)
      and not exists (select from schedule_runs b
        where b.schedule_id = r.schedule_id and b.state = 'waiting' and b.id < r.id))
    order by id limit ${limit}`.execute(db);
  return rows;
}

/** The runs of a schedule, the newest first. */
export async function listRuns(
  db: Database,
  scheduleId: string,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<ScheduleRun[]> {
  const older = before === undefined ? sql`` : sql`and id < ${before}`;
  const { rows } = await sql<ScheduleRun>`
    select ${COLUMNS} from schedule_runs where schedule_id = ${scheduleId} ${older}
    order by id desc limit ${limit}`.execute(db);
  return rows;
}

/** Says how a run ended that no job came of, unless somebody has started it meanwhile. */
export async function endRun(
  db: Database,
  id: string,
  state: "skipped" | "failed",
  reason: string,
): Promise<void> {
  await sql`
    update schedule_runs set state = ${state}, reason = ${storable(reason)}
    where id = ${id} and state = 'waiting'`.execute(db);
}

/** Says why a run waits; what is said already is not written again. */
export async function explainRun(db: Database, id: string, reason: string): Promise<void> {
  await sql`
    update schedule_runs set reason = ${reason}
    where id = ${id} and state = 'waiting' and reason is distinct from ${reason}`.execute(db);
}
