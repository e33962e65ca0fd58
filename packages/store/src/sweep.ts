import type { Outcome } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { type DomainWork, inDomains } from "./domain-transaction.ts";
import type { JobLedger } from "./job-ledger.ts";
import type { Release } from "./release.ts";
import type { Sweep } from "./schema.ts";

/** Pages changed in one transaction, which holds the domain's row: some 30 ms, 83 ms the longest of 150. */
const CHUNK = 2_000;

/** A job, and the domain whose row is held to change it. */
export interface JobOfDomain {
  readonly id: string;
  readonly domain: string;
}

/** Jobs whose sweep is not done: whoever began it may have died. */
export async function listSwept(db: Database, limit: number): Promise<JobOfDomain[]> {
  const { rows } = await sql<JobOfDomain>`
    select j.id, d.name as domain from jobs j join domains d on d.id = j.domain_id
    where j.sweep is not null order by j.id limit ${limit}`.execute(db);
  return rows;
}

/**
 * Carries a job's sweep on by one chunk, in a transaction of its own. Two processes may sweep the same job: each chunk
 * takes what is left.
 * @returns whether the sweep is done, and what the domain's window had room for, for the queues.
 */
export async function sweepJob(
  db: Database,
  { id, domain }: JobOfDomain,
): Promise<{ readonly done: boolean; readonly release: Release }> {
  const { value: done, release } = await inDomains(db, [domain], async (held) => {
    const { rows } = await sql<{ sweep: Sweep | null }>`select sweep from jobs where id = ${id}`.execute(
      held.tx,
    );
    const sweep = rows[0]?.sweep ?? null;
    if (sweep === null) return true;
    const { left } = await sweepChunk(held, id, sweep);
    if (!left) await sql`update jobs set sweep = null where id = ${id}`.execute(held.tx);
    // Without a sweep the job may be complete.
    held.ledger.touched(id);
    return !left;
  });
  return { done, release };
}

/** One chunk of a job's pages. @returns how many it was, and whether there may be more. */
export async function sweepChunk(
  { tx, ledger }: Pick<DomainWork, "tx" | "ledger">,
  job: string,
  sweep: Sweep,
): Promise<{ readonly pages: number; readonly left: boolean }> {
  const pages = await SWEEPS[sweep](tx, ledger, job);
  return { pages, left: pages === CHUNK };
}

const SWEEPS = { cancel: cancelPending, reopen: reopenFailed, forget: deletePages };

async function cancelPending(tx: Tx, ledger: JobLedger, job: string): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update pages p set state = 'cancelled', outcome = 'cancelled', due_at = null, finished_at = now()
    where id = any(array(
      select id from pages where job_id = ${job} and state = 'pending'
      order by due_at nulls first, id limit ${CHUNK}))`.execute(tx);
  const pages = Number(numAffectedRows);
  if (pages > 0) {
    ledger.moved(job, "pending", "cancelled", pages);
    ledger.ended(job, "cancelled", "none", pages);
  }
  return pages;
}

/** They are visited as if for the first time, but under new leases. */
async function reopenFailed(tx: Tx, ledger: JobLedger, job: string): Promise<number> {
  const { rows } = await sql<{ outcome: Outcome; pages: number }>`
    with failed as materialized (
      select id, outcome from pages where job_id = ${job} and outcome <> 'ok'
        and outcome in ('broken', 'blocked', 'unreachable', 'cancelled')
      limit ${CHUNK}
    ), reopened as (
      update pages p set state = 'pending', visit = 'warm', attempts = 0, hand_backs = 0, outcome = null, cache = null,
        reason = null, status = null, edge = null, ttfb_ms = null, proved_ttfb_ms = null, bytes = null,
        redirects = '{}', finished_at = null
      from failed where p.id = failed.id
      returning failed.outcome
    )
    select outcome, count(*)::int as pages from reopened group by outcome`.execute(tx);
  for (const { outcome, pages } of rows) ledger.reopened(job, outcome, pages);
  return rows.reduce((sum, { pages }) => sum + pages, 0);
}

/** Of a job that nobody sees any more, whose counters need not follow; it goes with its last pages. */
async function deletePages(tx: Tx, _ledger: JobLedger, job: string): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from pages where id = any(array(select id from pages where job_id = ${job} limit ${CHUNK}))`.execute(
    tx,
  );
  const pages = Number(numAffectedRows);
  if (pages < CHUNK) await sql`delete from jobs where id = ${job}`.execute(tx);
  return pages;
}
