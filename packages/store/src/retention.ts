import { type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";

/** Jobs marked, and rows deleted, in one statement. */
const CHUNK = 1_000;
/** Statements of a kind at each call, so that one kind that has piled up does not hold up the others. */
const MAX_CHUNKS = 20;

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
  // A job that is being swept is not at its end yet.
  const jobs = await inChunks(
    db,
    sql`
      update jobs set sweep = 'forget' where id = any(array(
        select id from jobs where finished_at < ${before} and sweep is null order by finished_at limit ${CHUNK} for no key update skip locked))`,
  );
  let records = 0;
  for (const deletion of [
    sql`
      delete from decisions where id = any(array(
        select id from decisions where at < ${before} order by at limit ${CHUNK}))`,
    sql`
      delete from robots where origin = any(array(
        select origin from robots where expires_at < ${before} and coalesce(fetching_until < now(), true)
        order by expires_at limit ${CHUNK}))`,
    sql`
      delete from webhook_deliveries where id = any(array(
        select id from webhook_deliveries where created_at < ${before} and ended_at is not null
        order by created_at limit ${CHUNK}))`,
    sql`
      delete from schedule_runs where id = any(array(
        select id from schedule_runs where due_at < ${before} and state <> 'waiting' order by due_at limit ${CHUNK}))`,
  ])
    records += await inChunks(db, deletion);
  return { jobs, records };
}

/** Goes on while there is more than one statement takes. @returns how many rows it was. */
async function inChunks(db: Database, statement: RawBuilder<unknown>): Promise<number> {
  let rows = 0;
  for (let chunk = 1; chunk <= MAX_CHUNKS; chunk++) {
    const { numAffectedRows = 0n } = await statement.execute(db);
    rows += Number(numAffectedRows);
    if (numAffectedRows < CHUNK) break;
  }
  return rows;
}
