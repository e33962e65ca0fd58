import { sql } from "kysely";
import type { Database } from "./database.ts";
import type { Job } from "./jobs.ts";

export interface PreviousJob {
  readonly id: string;
  readonly finishedAt: Date;
}

/**
 * The last job before this one that the same key submitted for the same host, if it was completed: one that failed or
 * was cancelled did not see all pages, so what it did not find says nothing.
 * @param maxFailed of a job with more failed pages than this there is no use.
 */
export async function findPreviousJob(
  db: Database,
  { id, keyId, domainId, url }: Job,
  maxFailed: number,
): Promise<PreviousJob | undefined> {
  const { rows } = await sql<PreviousJob & { failed: number }>`
    select id, finished_at as "finishedAt", failed from jobs
    where domain_id = ${domainId} and key_id = ${keyId} and id < ${id} and status = 'completed'
      and sweep is distinct from 'forget'
      and split_part(url, '/', 3) = split_part(${url}, '/', 3)
    order by id desc limit 1`.execute(db);
  const [previous] = rows;
  if (previous === undefined || previous.failed > maxFailed) return undefined;
  return { id: previous.id, finishedAt: previous.finishedAt };
}

/** The URLs of a job's pages that failed in it and were well in an earlier one. */
export async function findNewlyFailed(db: Database, job: string, earlier: string): Promise<string[]> {
  const { rows } = await sql<{ url: string }>`
    select p.url from pages p
    -- Looked up one by one: without statistics, pages just written are compared each with each.
    cross join lateral (
      select from pages before
      where before.job_id = ${earlier} and md5(before.url)::uuid = md5(p.url)::uuid
        and before.url = p.url and before.outcome = 'ok' limit 1
    ) was
    where p.job_id = ${job} and p.outcome <> 'ok' and p.outcome in ('broken', 'blocked', 'unreachable')`.execute(
    db,
  );
  return rows.map(({ url }) => url);
}
