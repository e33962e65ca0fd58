import { BeeError, type JobOrder, type JobStatus, judgeOrder } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { type DomainWork, inDomains } from "./domain-transaction.ts";
import { endJob } from "./job-end.ts";
import type { Release } from "./release.ts";
import { forgetUnreachableRobots } from "./robots-cache.ts";
import { type JobOfDomain, sweepChunk } from "./sweep.ts";

/** What an order has changed, and what is to be done about it outside Postgres. */
export interface Ordered {
  /** False when the job was as ordered already. */
  readonly changed: boolean;
  /** More of its pages are to be changed than one transaction should. */
  readonly sweep: boolean;
  /** What the domain's window had room for, and the expansions whose turn it is, for the queues. */
  readonly release: Release;
}

/**
 * Ends a job: pages without an outcome are `cancelled`, also those in flight, whose late results are refused.
 * @throws BeeError `conflict` when the job has ended in another way before.
 */
export function cancelJob(db: Database, job: JobOfDomain): Promise<Ordered> {
  return carryOut(db, "cancel", job, (held) => endJob(held, job.id, "cancelled", null));
}

/**
 * Keeps a job where it is: none of its pages is released until it is resumed, however many they are; those that were
 * released come back by themselves, visited or handed back.
 * @throws BeeError `conflict` when the job has ended.
 */
export function pauseJob(db: Database, job: JobOfDomain): Promise<Ordered> {
  return carryOut(db, "pause", job, async ({ tx }) => {
    await sql`update jobs set status = 'paused' where id = ${job.id}`.execute(tx);
  });
}

/**
 * A paused job goes on where it stood.
 * @throws BeeError `conflict` when the job has ended.
 */
export function resumeJob(db: Database, job: JobOfDomain): Promise<Ordered> {
  return carryOut(db, "resume", job, async ({ tx, ledger }) => {
    await sql`update jobs set failed_expansions = 0, status = (case
        when expanded then 'running' when started_at is null then 'pending' else 'expanding' end)::job_status
      where id = ${job.id}`.execute(tx);
    // What was in flight when it was paused may have been its last pages.
    ledger.touched(job.id);
  });
}

/**
 * Runs the pages of an ended job again that failed; a job that failed before it knew its pages is begun anew.
 * @throws BeeError `conflict` when the job has not ended, was cancelled, or has no failed page.
 */
export function retryJob(db: Database, job: JobOfDomain): Promise<Ordered> {
  return carryOut(db, "retry", job, async (held, was) => {
    const { pages, left } = await sweepChunk(held, job.id, "reopen");
    if (was === "completed" && pages === 0) {
      throw new BeeError("conflict", "cannot retry: expected a job with failed pages, got one that has none");
    }
    // The domain may be there again.
    for (const domain of held.domains) {
      domain.forgetMisses();
      await forgetUnreachableRobots(held.tx, domain.name);
    }
    await sql`update jobs set finished_at = null, failure = null, failed_expansions = 0, sweep = ${left ? "reopen" : null},
        status = (case when expanded then 'running' else 'pending' end)::job_status
      where id = ${job.id}`.execute(held.tx);
  });
}

async function carryOut(
  db: Database,
  order: JobOrder,
  { id, domain }: JobOfDomain,
  work: (held: DomainWork, was: JobStatus) => Promise<void>,
): Promise<Ordered> {
  const { value, release } = await inDomains(db, [domain], async (held) => {
    const was = (await readState(held.tx, id)).status;
    const changed = judgeOrder(order, was) === "carry-out";
    if (changed) await work(held, was);
    for (const domain of held.domains) domain.turnExpansions();
    return { changed, sweep: (await readState(held.tx, id)).sweep };
  });
  return { ...value, release };
}

async function readState(tx: Tx, job: string): Promise<{ status: JobStatus; sweep: boolean }> {
  const { rows } = await sql<{ status: JobStatus; sweep: boolean }>`
    select status, sweep is not null as sweep from jobs
    where id = ${job} and sweep is distinct from 'forget'`.execute(tx);
  if (rows[0] === undefined) throw new BeeError("not-found", "expected the id of a job, got another");
  return rows[0];
}
