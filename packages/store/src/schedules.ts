import { type JobRequest, nextRun, type SchedulePlan } from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database, Tx } from "./database.ts";
import { generateSecret, hashOf } from "./keys.ts";

/** What is to be done whenever a schedule is due. */
export interface ScheduleContent {
  readonly name: string;
  /** The job that each run submits, as `POST /v1/jobs` takes it. */
  readonly request: JobRequest;
  readonly plan: SchedulePlan;
}

export interface Schedule extends ScheduleContent {
  readonly id: string;
  readonly keyId: string;
  readonly anchorAt: Date;
  /** Null while it is paused. */
  readonly nextAt: Date | null;
  readonly hasHook: boolean;
  readonly createdAt: Date;
}

/** Stores a schedule, which is due for the first time after now. */
export async function createSchedule(
  db: Database,
  keyId: string,
  content: ScheduleContent,
  now: Date,
): Promise<Schedule> {
  const id = uuidv7();
  const nextAt = nextRun({ id, plan: content.plan, anchorAt: now }, now);
  await sql`
    insert into schedules (id, key_id, name, request, plan, anchor_at, next_at)
    values (${id}, ${keyId}, ${content.name}, ${JSON.stringify(content.request)}, ${JSON.stringify(content.plan)},
      ${now}, ${nextAt})`.execute(db);
  return (await getSchedule(db, id))!;
}

const COLUMNS = sql`id, key_id as "keyId", name, request, plan, anchor_at as "anchorAt", next_at as "nextAt",
  hook_hash is not null as "hasHook", created_at as "createdAt"`;

/** One schedule; only the key's own when a key is given. */
export async function getSchedule(
  db: Database | Tx,
  id: string,
  keyId?: string,
): Promise<Schedule | undefined> {
  const { rows } = await sql<Schedule>`
    select ${COLUMNS} from schedules where id = ${id} ${ofKey(keyId)}`.execute(db);
  return rows[0];
}

/** Schedules, the newest first. */
export async function listSchedules(
  db: Database,
  filter: {
    readonly keyId?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<Schedule[]> {
  const before = filter.before === undefined ? sql`` : sql`and id < ${filter.before}`;
  const { rows } = await sql<Schedule>`
    select ${COLUMNS} from schedules where true ${ofKey(filter.keyId)} ${before}
    order by id desc limit ${filter.limit}`.execute(db);
  return rows;
}

const ofKey = (keyId: string | undefined) => (keyId === undefined ? sql`` : sql`and key_id = ${keyId}`);

/** Replaces what a schedule does; what is due next follows from now, unless it is paused. */
export function changeSchedule(
  db: Database,
  id: string,
  content: ScheduleContent,
  now: Date,
): Promise<Schedule | undefined> {
  return whileHeld(db, id, async (tx, was) => {
    const { name, request, plan } = content;
    const sameInterval = plan.everySeconds === was.plan.everySeconds;
    const anchorAt = sameInterval ? was.anchorAt : now;
    const nextAt = was.nextAt === null ? null : nextRun({ id, plan, anchorAt }, now);
    await sql`
      update schedules set name = ${name}, request = ${JSON.stringify(request)}, plan = ${JSON.stringify(plan)},
        anchor_at = ${anchorAt}, next_at = ${nextAt}
      where id = ${id}`.execute(tx);
  });
}

/** It is due no more until it is resumed; what runs or waits goes on. */
export function pauseSchedule(db: Database, id: string): Promise<Schedule | undefined> {
  return whileHeld(db, id, async (tx) => {
    await sql`update schedules set next_at = null where id = ${id}`.execute(tx);
  });
}

/** What was due while it was paused is not made up for. */
export function resumeSchedule(db: Database, id: string, now: Date): Promise<Schedule | undefined> {
  return whileHeld(db, id, async (tx, was) => {
    if (was.nextAt !== null) return;
    await sql`update schedules set next_at = ${nextRun(was, now)} where id = ${id}`.execute(tx);
  });
}

/** Its runs go with it; jobs that it has started go on. */
export async function removeSchedule(db: Database, id: string): Promise<void> {
  await sql`delete from schedules where id = ${id}`.execute(db);
}

/** A secret that starts the schedule without a key, and ends the one before. Only its hash is stored. */
export async function createHook(db: Database, id: string): Promise<string> {
  const token = generateSecret().replace("bee_", "beehook_");
  await sql`update schedules set hook_hash = ${hashOf(token)} where id = ${id}`.execute(db);
  return token;
}

export async function revokeHook(db: Database, id: string): Promise<void> {
  await sql`update schedules set hook_hash = null where id = ${id}`.execute(db);
}

export async function findScheduleOfHook(db: Database, token: string): Promise<Schedule | undefined> {
  const { rows } = await sql<Schedule>`
    select ${COLUMNS} from schedules where hook_hash = ${hashOf(token)}`.execute(db);
  return rows[0];
}

/** When a schedule is due next. */
export interface NextRun {
  readonly id: string;
  readonly at: Date;
}

/** How many schedules are due at some time: all that are not paused. */
export async function countActiveSchedules(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from schedules where next_at is not null`.execute(db);
  return rows[0]!.count;
}

/** When each of them is due next: what wake-ups are set for. */
export async function listNextRuns(db: Database): Promise<NextRun[]> {
  const { rows } = await sql<NextRun>`
    select id, next_at as at from schedules where next_at is not null`.execute(db);
  return rows;
}

/** Now, by the database's clock. */
export async function readClock(db: Database): Promise<Date> {
  return (await sql<{ now: Date }>`select now()`.execute(db)).rows[0]!.now;
}

/** Locked, so that it is not claimed while it is changed. */
function whileHeld(
  db: Database,
  id: string,
  change: (tx: Tx, was: Schedule) => Promise<void>,
): Promise<Schedule | undefined> {
  return db.transaction().execute(async (tx) => {
    const { rows } =
      await sql<Schedule>`select ${COLUMNS} from schedules where id = ${id} for update`.execute(tx);
    if (rows[0] === undefined) return undefined;
    await change(tx, rows[0]);
    return getSchedule(tx, id);
  });
}
