import { sql } from "kysely";
import type { Database } from "./database.ts";

/** Jobs marked, and rows deleted, in one statement. */
const CHUNK = 1_000;

export interface Forgotten {
  /** Ended jobs that nobody sees any more; sweeps delete their pages and then them. */
  readonly jobs: number;
  /** The scaler's decisions, copies of robots.txt, deliveries of webhooks, and what became of schedules' runs. */
  readonly records: number;
}

/**
 * Forgets what is older than it is to be kept, a bounded part of it at each call. A job is marked only, and is `not-found`
 * from then on: its pages, up to a million, are deleted by sweeps, each of which holds the domain no longer than any other.
 * @param keepMs milliseconds since a job's end, since a decision or a run of a schedule, and since a robots.txt was last of use.
 */
export async function forgetOld(db: Database, keepMs: number): Promise<Forgotten> {
  const before = sql`now() - make_interval(secs => ${keepMs / 1_000})`;
  const [jobs, ...records] = [
    // A job that is being swept is not at its end yet.
    await sql`
      update jobs set sweep = 'forget' where id = any(array(
        select id from jobs where finished_at < ${before} and sweep is null order by finished_at limit ${CHUNK} for no key update skip locked))`.execute(
      db,
    ),
    await sql`
      delete from decisions where id = any(array(
        select id from decisions where at < ${before} order by id limit ${CHUNK}))`.execute(db),
    await sql`
      delete from robots where origin = any(array(
        select origin from robots where expires_at < ${before} and coalesce(fetching_until < now(), true)
        limit ${CHUNK}))`.execute(db),
    await sql`
      delete from webhook_deliveries where id = any(array(
        select id from webhook_deliveries where created_at < ${before} and ended_at is not null
        order by created_at limit ${CHUNK}))`.execute(db),
    await sql`
      delete from schedule_runs where id = any(array(
        select id from schedule_runs where due_at < ${before} and state <> 'waiting' order by due_at limit ${CHUNK}))`.execute(
      db,
    ),
  ].map(({ numAffectedRows = 0n }) => Number(numAffectedRows));
  return { jobs: jobs!, records: records.reduce((sum, rows) => sum + rows, 0) };
}
