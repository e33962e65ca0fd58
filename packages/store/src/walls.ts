import { isWalled, LATEST_ANSWERS, type Outcome, WALLED_REASON } from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";
import type { DomainWork } from "./domain-transaction.ts";

/** Pages before the frontier's first that are looked at; those that were never asked for stand among them. */
const SAMPLE = 200;

/** Ended in one transaction, which holds the domain's row. */
const CHUNK = 2_000;

/**
 * Ends the waiting pages of jobs that a wall keeps out: each would be one more request to a site that has said no. Pages
 * that were fine and only wait for their proof stay fine. Where more than a chunk waits, the next page that is turned
 * away ends the next one.
 * @param jobs of which pages were just turned away.
 */
export async function stopAtWalls({ tx, ledger }: DomainWork, jobs: readonly string[]): Promise<void> {
  const walled = [];
  for (const job of new Set(jobs)) if (isWalled(await latestOutcomes(tx, job))) walled.push(job);
  if (walled.length === 0) return;
  const { rows } = await sql<{ job_id: string; outcome: Outcome; pages: number }>`
    with waiting as (
      select p.id from unnest(${walled}::uuid[]) as j(id) cross join lateral (
        select id from pages where job_id = j.id and state = 'pending' order by due_at nulls first, id limit ${CHUNK}
      ) p
    ), ended as (
      update pages p set finished_at = now(), due_at = null,
        state = (case when p.visit = 'prove' then 'succeeded' else 'failed' end)::page_state,
        outcome = (case when p.visit = 'prove' then 'ok' else 'blocked' end)::outcome,
        cache = case when p.visit = 'prove' then 'unproven'::cache_result end,
        reason = ${WALLED_REASON}
      from waiting where p.id = waiting.id
      returning p.job_id, p.outcome
    )
    select job_id, outcome, count(*)::int as pages from ended group by job_id, outcome`.execute(tx);
  for (const { job_id, outcome, pages } of rows) {
    ledger.moved(job_id, "pending", outcome === "ok" ? "succeeded" : "failed", pages);
    ledger.ended(job_id, outcome, outcome === "ok" ? "unproven" : "none", pages);
  }
}

/**
 * How a job's pages that got an answer ended, the latest first. Nothing is counted along for it: pages are released in
 * the order of their ids, so those visited last stand before the first that is new.
 */
async function latestOutcomes(tx: Tx, job: string): Promise<Outcome[]> {
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
