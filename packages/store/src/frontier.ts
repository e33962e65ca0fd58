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
    const { maxPages, total } = await readCap(held.tx, job);
    const fresh = await dropKnown(held.tx, job, pages);
    const wanted = fresh.slice(0, Math.max(0, maxPages - total));
    if (wanted.length > 0) await insertPages(held, job, wanted);
    return { added: wanted.length, overCap: fresh.length - wanted.length };
  });
  return { ...value, release };
}

/** Releases what a domain's window has room for; for the moment when no settling visit will. */
export async function releaseDomain(db: Database, domain: string): Promise<Release> {
  return (await inDomains(db, [domain], async () => undefined)).release;
}

async function readCap(tx: Tx, job: string): Promise<{ maxPages: number; total: number }> {
  const { rows } = await sql<{ maxPages: number; total: number }>`
    select (options->>'maxPages')::int as "maxPages", total from jobs
    where id = ${job} and status in ('expanding', 'running', 'paused')`.execute(tx);
  return rows[0] ?? { maxPages: 0, total: 0 };
}

async function dropKnown(tx: Tx, job: string, pages: readonly FoundPage[]): Promise<FoundPage[]> {
  const byUrl = new Map(pages.map((page) => [page.url, page]));
  const { rows } = await sql<{ url: string }>`
    select u.url from unnest(${[...byUrl.keys()]}::text[]) as u(url)
    where exists (select from pages where job_id = ${job} and md5(url)::uuid = md5(u.url)::uuid)`.execute(tx);
  for (const { url } of rows) byUrl.delete(url);
  return [...byUrl.values()];
}

async function insertPages(
  { tx, ledger }: DomainWork,
  job: string,
  pages: readonly FoundPage[],
): Promise<void> {
  await sql`
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
    where job.id = ${job}`.execute(tx);
  const disallowed = pages.filter((page) => page.disallowedBy !== null).length;
  ledger.created(job, "pending", pages.length - disallowed);
  if (disallowed === 0) return;
  ledger.created(job, "skipped", disallowed);
  ledger.ended(job, "disallowed", "none", disallowed);
}
