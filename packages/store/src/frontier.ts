import { storable } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { type DomainWork, inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";

/** A page that a job found. */
export interface FoundPage {
  readonly url: string;
  /** The page or sitemap that names it. */
  readonly foundOn: string | null;
  /** The robots.txt rule that forbids it: the page is recorded and never visited. */
  readonly disallowedBy: string | null;
}

export interface AddedPages {
  readonly added: number;
  /** Pages left out because the job has as many as it may. */
  readonly overCap: number;
  readonly release: Release;
}

/**
 * Adds pages to a job's frontier, each URL once and no more than the job may have, and releases what the domain's
 * window has room for: so the first page of a large site is visited while its sitemaps are still being read.
 */
export async function addPages(
  db: Database,
  job: string,
  domain: string,
  pages: readonly FoundPage[],
): Promise<AddedPages> {
  const { value, release } = await inDomains(db, [domain], async (held) => {
    const room = await readRoom(held.tx, job);
    // Which of the pages the job has already matters only where they might not all fit.
    const fresh = pages.length <= room ? pages : await dropKnown(held.tx, job, pages);
    const fitting = fresh.slice(0, room);
    const added = fitting.length > 0 ? await insertPages(held, job, fitting) : 0;
    return { added, overCap: fresh.length - fitting.length };
  });
  return { ...value, release };
}

/** Releases what a domain's window has room for; for the moment when no settling visit will. */
export async function releaseDomain(db: Database, domain: string): Promise<Release> {
  return (await inDomains(db, [domain], async () => undefined)).release;
}

/** How many more pages a job may have; none where it has ended. */
async function readRoom(tx: Tx, job: string): Promise<number> {
  const { rows } = await sql<{ room: number }>`
    select greatest(0, (options->>'maxPages')::int - total) as room from jobs
    where id = ${job} and status in ('expanding', 'running', 'paused')`.execute(tx);
  return rows[0]?.room ?? 0;
}

async function dropKnown(tx: Tx, job: string, pages: readonly FoundPage[]): Promise<FoundPage[]> {
  const byUrl = new Map(pages.map((page) => [page.url, page]));
  // `offset 0` keeps it a look into the index for each URL: as a join the planner may read all pages of the job.
  const { rows } = await sql<{ url: string }>`
    select u.url from unnest(${[...byUrl.keys()]}::text[]) as u(url) cross join lateral (
      select from pages where job_id = ${job} and md5(url)::uuid = md5(u.url)::uuid offset 0) known`.execute(
    tx,
  );
  for (const { url } of rows) byUrl.delete(url);
  return [...byUrl.values()];
}

/** Inserts those that the job does not have yet; the unique index decides. @returns how many. */
async function insertPages(
  { tx, ledger }: DomainWork,
  job: string,
  pages: readonly FoundPage[],
): Promise<number> {
  const { rows } = await sql<{ pending: number; skipped: number }>`
    with inserted as (
      insert into pages (job_id, domain_id, url, found_on, state, outcome, reason, finished_at)
      select job.id, job.domain_id, u.url, u.found_on,
        (case when u.rule is null then 'pending' else 'skipped' end)::page_state,
        case when u.rule is not null then 'disallowed'::outcome end,
        u.rule, case when u.rule is not null then now() end
      from jobs job, unnest(
        ${pages.map((page) => page.url)}::text[],
        ${pages.map((page) => page.foundOn)}::text[],
        ${pages.map(({ disallowedBy }) => (disallowedBy === null ? null : storable(disallowedBy)))}::text[]
      ) as u(url, found_on, rule)
      where job.id = ${job}
      on conflict (job_id, (md5(url)::uuid)) do nothing
      returning state
    )
    select count(*) filter (where state = 'pending')::int as pending,
      count(*) filter (where state = 'skipped')::int as skipped from inserted`.execute(tx);
  const { pending, skipped } = rows[0]!;
  ledger.created(job, "pending", pending);
  ledger.created(job, "skipped", skipped);
  if (skipped > 0) ledger.ended(job, "disallowed", "none", skipped);
  return pending + skipped;
}
