import { isEnded, type JobStatus, storable } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import { endJob } from "./job-end.ts";
import { getJob, type Job } from "./jobs.ts";
import { agreePremium, hasPremium } from "./premium.ts";
import type { Release } from "./release.ts";
import { inSharedDomains } from "./shared-transaction.ts";

const premiumDiffers = sql<boolean>`(select d.premium <> ${hasPremium("d.id")} from domains d where d.id = jobs.domain_id)`;

/**
 * A worker begins to expand a job; the first time starts the job's clock.
 * @returns nothing when there is nothing to expand now: the job is paused, has ended or knows its pages already, or its domain
 * is closed or paused, and the leader queues the expansion when that opens.
 */
export async function beginExpansion(db: Database, job: string): Promise<Job | undefined> {
  const begun = await db
    .updateTable("jobs")
    .set({ status: "expanding", started_at: sql`coalesce(started_at, now())` })
    .where("id", "=", job)
    .where("status", "in", ["pending", "expanding"])
    .where(
      sql<boolean>`not exists (select from domains d where d.id = jobs.domain_id
        and (d.closed_until > now() or d.paused_at is not null))`,
    )
    .returning(["domain_id", premiumDiffers.as("premium_differs")])
    .executeTakeFirst();
  if (begun === undefined) return undefined;
  if (begun.premium_differs) await agreePremium(db, [begun.domain_id]);
  return getJob(db, job);
}

/** An expansion could not be carried out. @returns how often that has happened to this job. */
export async function countFailedExpansion(db: Database, job: string): Promise<number> {
  const { failed_expansions } = await db
    .updateTable("jobs")
    .set((eb) => ({ failed_expansions: eb("failed_expansions", "+", 1) }))
    .where("id", "=", job)
    .returning("failed_expansions")
    .executeTakeFirstOrThrow();
  return failed_expansions;
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
  const { release } = await inSharedDomains(db, [domain], 1, async ({ tx, domains, ledger }) => {
    // One that was paused at its last moment stays paused, but need not be expanded again.
    // Visits may have warned of links meanwhile.
    await sql`update jobs set expanded = true, warnings = ${warnings.map(storable)}::text[] || warnings,
        status = case when status = 'expanding' then 'running' else status end
      where id = ${job} and status in ('expanding', 'paused')`.execute(tx);
    ledger.touched(job);
    for (const held of domains) held.turnExpansions();
  });
  return release;
}

/**
 * The job cannot be done at all: pages that wait are given up, and the reason is kept. One that has ended otherwise
 * meanwhile keeps that end.
 * @returns pages of the domain's other jobs that now have room, for the queues.
 */
export async function failJob(db: Database, job: string, domain: string, failure: string): Promise<Release> {
  const { release } = await inDomains(db, [domain], async (held) => {
    const { rows } = await sql<{ status: JobStatus }>`select status from jobs where id = ${job}`.execute(
      held.tx,
    );
    if (rows[0] !== undefined && !isEnded(rows[0].status)) await endJob(held, job, "failed", failure);
  });
  return release;
}
