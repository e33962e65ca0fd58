import type { Outcome } from "@bee/core";
import { type RawBuilder, sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";

/**
 * Ended in one transaction, which holds the domain's row for 120 ms. Not fewer, because the rest waits for another
 * request that fails, which may be five minutes away.
 */
const CHUNK = 10_000;

export interface WaitingEnd {
  /** Which jobs `j`. */
  readonly jobs: RawBuilder<unknown>;
  readonly outcome: "unreachable" | "blocked";
  readonly reason: string;
}

/**
 * Ends the waiting pages of some jobs of held domains without a visit. Pages that were fine and only wait for their
 * proof stay fine, and what the site answered a page before is told.
 * @returns whether those were all; the rest must be ended by another transaction.
 */
export async function endWaiting({ tx, ledger }: DomainWork, end: WaitingEnd): Promise<boolean> {
  // Job by job in the order of `pages_frontier`, so that each look ends after its chunk, statistics or not.
  const { rows } = await sql<{ job_id: string; outcome: Outcome; pages: number }>`
    with waiting as (
      select p.id from jobs j cross join lateral (
        select id from pages where job_id = j.id and state = 'pending' order by due_at nulls first, id limit ${CHUNK}
      ) p
      where ${end.jobs} limit ${CHUNK}
    ), ended as (
      update pages p set finished_at = now(), due_at = null,
        state = (case when p.visit = 'prove' then 'succeeded' else 'failed' end)::page_state,
        outcome = (case when p.visit = 'prove' then 'ok' else ${end.outcome} end)::outcome,
        cache = case when p.visit = 'prove' then 'unproven'::cache_result end,
        reason = case when p.visit = 'warm' and p.status is not null then 'answered ' || p.status || '; ' else '' end
          || ${end.reason}
      from waiting where p.id = waiting.id
      returning p.job_id, p.outcome
    )
    select job_id, outcome, count(*)::int as pages from ended group by job_id, outcome`.execute(tx);
  for (const { job_id, outcome, pages } of rows) {
    ledger.moved(job_id, "pending", outcome === "ok" ? "succeeded" : "failed", pages);
    ledger.ended(job_id, outcome, outcome === "ok" ? "unproven" : "none", pages);
  }
  return rows.reduce((sum, { pages }) => sum + pages, 0) < CHUNK;
}
