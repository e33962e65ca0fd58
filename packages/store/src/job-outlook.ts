import type { DomainAnswers, DuePages, JobProgress } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { releasable } from "./release.ts";

/** What a job's pages say of why it waits and of how long it will take. */
export interface Outlook {
  /** Pages that wait for their proof, and those that failed and wait for another attempt. */
  readonly proofs: DuePages;
  readonly retries: DuePages;
  /** Pages in the frontier that were visited already. */
  readonly begun: number;
  readonly answers: DomainAnswers;
}

export const NO_OUTLOOK: Outlook = Object.freeze({
  proofs: { pages: 0, until: null },
  retries: { pages: 0, until: null },
  begun: 0,
  answers: { answerMs: null, spreadMs: 0, hops: 0, endedMsAgo: [] },
});

/** Latest pages of a job that its domain's answers are judged by. */
const SAMPLE = 60;

interface OutlookRow {
  job: string;
  proofs: number;
  proofs_until: Date | null;
  retries: number;
  retries_until: Date | null;
  begun: number;
  answer_ms: number | null;
  spread_ms: number;
  hops: number;
  ended_ms_ago: number[];
}

/**
 * The outlooks of some jobs, by job. Each costs a look at its pages that wait for a moment of their own and at 60 of
 * those visited last: pages are released in the order of their ids, so they stand before the first that is new.
 */
export async function readOutlooks(
  db: Database | Tx,
  jobs: readonly string[],
): Promise<Map<string, Outlook>> {
  if (jobs.length === 0) return new Map();
  const { rows } = await sql<OutlookRow>`
    select j.id as job, delayed.*, latest.*
    from unnest(${[...jobs]}::uuid[]) as j(id)
    cross join lateral (
      select
        (count(*) filter (where due_at > now() and visit = 'prove'))::int as proofs,
        max(due_at) filter (where due_at > now() and visit = 'prove') as proofs_until,
        (count(*) filter (where due_at > now() and visit = 'warm'))::int as retries,
        max(due_at) filter (where due_at > now() and visit = 'warm') as retries_until,
        (count(*) filter (where attempts > 0))::int as begun
      from pages where job_id = j.id and state = 'pending' and due_at is not null
    ) delayed
    cross join lateral (
      select (sum(coalesce(ttfb_ms, 0) + coalesce(proved_ttfb_ms, 0))
          / nullif(count(ttfb_ms) + count(proved_ttfb_ms), 0))::float8 as answer_ms,
        coalesce(stddev_pop(ttfb_ms), 0)::float8 as spread_ms,
        coalesce(avg(cardinality(redirects)), 0)::float8 as hops,
        coalesce(array_agg(extract(epoch from now() - finished_at)::float8 * 1000 order by finished_at desc), '{}')
          as ended_ms_ago
      from (
        select state, ttfb_ms, proved_ttfb_ms, redirects, finished_at from pages
        where job_id = j.id and id < coalesce((
          select id from pages where job_id = j.id and state = 'pending' and due_at is null
          order by due_at nulls first, id limit 1), ${String(Number.MAX_SAFE_INTEGER)}::bigint)
        order by id desc limit ${SAMPLE}
      ) page
      where state in ('succeeded', 'failed')
    ) latest`.execute(db);
  return new Map(rows.map((row) => [row.job, toOutlook(row)]));
}

function toOutlook(row: OutlookRow): Outlook {
  return {
    proofs: { pages: row.proofs, until: row.proofs_until },
    retries: { pages: row.retries, until: row.retries_until },
    begun: row.begun,
    answers: {
      answerMs: row.answer_ms,
      spreadMs: row.spread_ms,
      hops: row.hops,
      endedMsAgo: row.ended_ms_ago,
    },
  };
}

/** A job whose pages may be released, and how far it is. */
export interface DomainJob extends Omit<JobProgress, "begun"> {
  readonly id: string;
  readonly domainId: number;
}

/** The jobs of some domains that have pages to be visited: they pass the same gates. */
export async function listDomainJobs(db: Database | Tx, domains: readonly number[]): Promise<DomainJob[]> {
  if (domains.length === 0) return [];
  const { rows } = await sql<DomainJob>`
    select j.id, j.domain_id as "domainId", j.tier, j.options->>'verify' = 'all' as proves,
      j.pending + j.released as open, j.succeeded + j.failed as finished, j.visits
    from jobs j
    where j.domain_id = any(${[...domains]}::int[]) and ${releasable} and j.pending + j.released > 0
    order by j.id`.execute(db);
  return rows;
}
