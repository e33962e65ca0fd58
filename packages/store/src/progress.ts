import { ACTIVE_STATUSES } from "@bee/core";
import { sql } from "kysely";
import { CANARY_KEY_ID } from "./canary-key.ts";
import type { Database } from "./database.ts";

/**
 * A text that changes when any work of the fleet is done: pages found, visited or ended, jobs ended. That a job is
 * submitted changes nothing, nor do the fleet's checks of itself.
 */
export async function readProgress(db: Database): Promise<string> {
  const { rows } = await sql<{ mark: string }>`
    select concat_ws(' ', coalesce(sum(visits), 0), coalesce(sum(total), 0),
      coalesce(sum(pending + released), 0)) as mark
    from jobs where status = any(${[...ACTIVE_STATUSES]}::job_status[]) and key_id <> ${CANARY_KEY_ID}`.execute(
    db,
  );
  return rows[0]!.mark;
}

/** Active jobs by region. */
export async function countJobsByRegion(db: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ region: string; jobs: number }>`
    select region, count(*)::int as jobs from jobs
    where status = any(${[...ACTIVE_STATUSES]}::job_status[]) and key_id <> ${CANARY_KEY_ID}
    group by region`.execute(db);
  return new Map(rows.map(({ region, jobs }) => [region, jobs]));
}
