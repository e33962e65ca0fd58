import { BeeError, isEnded, type JobStatus, storable } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";

/**
 * A worker begins to expand a job; the first time starts the job's clock.
 * @returns how many times its expansion has begun now; null when there is nothing to expand any more: the job was
 * cancelled or is already running.
 */
export async function beginExpansion(db: Database, job: string): Promise<number | null> {
  const row = await db
    .updateTable("jobs")
    .set((eb) => ({
      status: "expanding",
      started_at: sql`coalesce(started_at, now())`,
      expansions: eb("expansions", "+", 1),
    }))
    .where("id", "=", job)
    .where("status", "in", ["pending", "expanding"])
    .returning("expansions")
    .executeTakeFirst();
  return row?.expansions ?? null;
}

/**
 * All pages are known; a job whose pages have all ended meanwhile is completed.
 * @returns what the domain's window had room for, for the queues.
 */
export async function finishExpansion(
  db: Database,
  job: string,
  domain: string,
  warnings: readonly string[],
): Promise<Release> {
  const { release } = await inDomains(db, [domain], async ({ tx, ledger }) => {
    await sql`update jobs set status = 'running', warnings = ${warnings.map(storable)}::text[]
      where id = ${job} and status = 'expanding'`.execute(tx);
    ledger.touched(job);
  });
  return release;
}

/**
 * The job cannot be done at all: pages that wait are given up, and the reason is kept.
 * @returns pages of the domain's other jobs that now have room, for the queues.
 */
export async function failJob(db: Database, job: string, domain: string, failure: string): Promise<Release> {
  return endJob(db, job, domain, "failed", failure);
}

/**
 * Ends a job: pages without an outcome are `cancelled`, also those in flight, whose late results the lease refuses.
 * @returns pages of the domain's other jobs that now have room, for the queues.
 * @throws BeeError `conflict` when the job has ended in another way before.
 */
export async function cancelJob(db: Database, job: string, domain: string): Promise<Release> {
  return endJob(db, job, domain, "cancelled", null);
}

async function endJob(
  db: Database,
  job: string,
  domainName: string,
  status: "failed" | "cancelled",
  failure: string | null,
): Promise<Release> {
  const { release } = await inDomains(db, [domainName], async ({ tx, domains, ledger }) => {
    const before = await sql<{ status: JobStatus }>`select status from jobs where id = ${job}`.execute(tx);
    const was = before.rows[0]?.status;
    if (was === undefined || was === status) return;
    if (isEnded(was))
      throw new BeeError("conflict", `expected a job that has not ended, got one that is ${was}`);
    const { rows } = await sql<{ state: "pending" | "released"; pages: number }>`
      with ending as (select id, state from pages where job_id = ${job} and state in ('pending', 'released')),
      ended as (
        update pages p set state = 'cancelled', outcome = 'cancelled', lease = p.lease + 1,
          lease_until = null, due_at = null, finished_at = now()
        from ending where p.id = ending.id returning ending.state)
      select state, count(*)::int as pages from ended group by state`.execute(tx);
    for (const { state, pages } of rows) {
      ledger.moved(job, state, "cancelled", pages);
      ledger.ended(job, "cancelled", "none", pages);
      if (state === "released") domains[0]?.takeBack(pages);
    }
    await sql`update jobs set status = ${status}, failure = ${failure === null ? null : storable(failure)}, finished_at = now()
      where id = ${job}`.execute(tx);
  });
  return release;
}
