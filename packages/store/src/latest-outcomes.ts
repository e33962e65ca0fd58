import { LATEST_ANSWERS, type Outcome } from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";

/** Pages before the frontier's first that are looked at; those that were never asked for stand among them. */
const SAMPLE = 200;

/**
 * How a job's pages that got an answer ended, the latest first. Nothing is counted along for it: pages are released in
 * the order of their ids, so those visited last stand before the first that is new.
 */
export async function latestOutcomes(tx: Tx, job: string): Promise<Outcome[]> {
  const { rows } = await sql<{ outcome: Outcome }>`
    select outcome from (
      select id, outcome, finished_at from pages
      where job_id = ${job} and id < coalesce((
        select id from pages where job_id = ${job} and state = 'pending' and due_at is null
        order by due_at nulls first, id limit 1), ${String(Number.MAX_SAFE_INTEGER)}::bigint)
      order by id desc limit ${SAMPLE}
    ) page
    where outcome in ('ok', 'broken', 'blocked')
    order by finished_at desc, id desc limit ${LATEST_ANSWERS}`.execute(tx);
  return rows.map((row) => row.outcome);
}
