import type { Outcome } from "@bee/core";
import { sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";

/** So many pages in a row that were tried to the end and never reached mean that the domain is not there. */
const MOST_UNREACHED = 5;

/** Ended in one transaction, so that a large backlog does not hold the domain's row for long. */
const CHUNK = 10_000;

/**
 * Ends the waiting pages of domains that are not there: each would cost three visits, one in half a minute while the
 * circuit is open, and a job of ten thousand pages would last for days. Pages that were fine and only wait for their
 * proof stay fine.
 * @param jobs whose pages were just not reached: another job of the domain may be for a port or host that is there.
 */
export async function giveUpOnUnreached(
  { tx, domains, ledger }: DomainWork,
  jobs: readonly string[],
): Promise<void> {
  const gone = domains.filter((domain) => domain.unreached >= MOST_UNREACHED);
  if (gone.length === 0) return;
  const { rows } = await sql<{ job_id: string; outcome: Outcome; pages: number }>`
    with waiting as (
      select p.id from jobs j join pages p on p.job_id = j.id and p.state = 'pending'
      where j.id = any(${[...jobs]}::uuid[]) and j.domain_id = any(${gone.map(({ id }) => id)}::int[]) limit ${CHUNK}
    ), ended as (
      update pages p set finished_at = now(), due_at = null,
        state = (case when p.visit = 'prove' then 'succeeded' else 'failed' end)::page_state,
        outcome = (case when p.visit = 'prove' then 'ok' else 'unreachable' end)::outcome,
        cache = case when p.visit = 'prove' then 'unproven'::cache_result end,
        reason = ${`the domain was not reached for ${MOST_UNREACHED} pages in a row, so this one was not tried any more`}
      from waiting where p.id = waiting.id
      returning p.job_id, p.outcome
    )
    select job_id, outcome, count(*)::int as pages from ended group by job_id, outcome`.execute(tx);
  for (const { job_id, outcome, pages } of rows) {
    ledger.moved(job_id, "pending", outcome === "ok" ? "succeeded" : "failed", pages);
    ledger.ended(job_id, outcome, outcome === "ok" ? "unproven" : "none", pages);
  }
  const ended = rows.reduce((sum, { pages }) => sum + pages, 0);
  // Where pages are left, the next one that is not reached ends the next chunk.
  if (ended < CHUNK) for (const domain of gone) domain.forgetMisses();
}
