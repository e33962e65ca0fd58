import { type RuleInForce, storable } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import type { DomainWork } from "./domain-transaction.ts";
import type { HeldDomain } from "./held-domain.ts";
import type { Release } from "./release.ts";
import { inSharedDomains } from "./shared-transaction.ts";

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
  /** The domain's rule in force. */
  readonly inForce: RuleInForce;
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
  const { value, release } = await inSharedDomains(db, [domain], pages.length, async (held) => {
    const [{ rule, ruleRevision }] = held.domains as [HeldDomain];
    const inForce = { rule, revision: ruleRevision };
    const { room, added } = await insertPages(held, job, pages);
    if (pages.length <= room) return { added, overCap: 0, inForce };
    // Which of the pages the job has already matters only where they might not all fit.
    const fresh = await dropKnown(held.tx, job, pages);
    const fitting = fresh.slice(0, room);
    const inserted = fitting.length > 0 ? (await insertPages(held, job, fitting)).added : 0;
    return { added: inserted, overCap: fresh.length - fitting.length, inForce };
  });
  return { ...value, release };
}

/** Releases what a domain's window has room for; for the moment when no settling visit will. */
export async function releaseDomain(db: Database, domain: string): Promise<Release> {
  return (await inSharedDomains(db, [domain], 0, async () => undefined)).release;
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

interface Inserted {
  /** How many more pages the job might have had; none where it has ended. */
  readonly room: number;
  readonly added: number;
}

/** Inserts those that the job does not have yet, if it may have so many; the unique index decides. */
async function insertPages(
  { tx, ledger }: DomainWork,
  id: string,
  pages: readonly FoundPage[],
): Promise<Inserted> {
  const { rows } = await sql<{ room: number; pending: number; skipped: number }>`
    with job as (
      select id, domain_id, greatest(0, (options->>'maxPages')::int - total - ${ledger.totalOf(id)}::int) as room
      from jobs where id = ${id} and status in ('expanding', 'running', 'paused')
    ), inserted as (
      insert into pages (job_id, domain_id, url, found_on, state, outcome, reason, finished_at)
      select job.id, job.domain_id, u.url, u.found_on,
        (case when u.rule is null then 'pending' else 'skipped' end)::page_state,
        case when u.rule is not null then 'disallowed'::outcome end,
        u.rule, case when u.rule is not null then now() end
      from job, unnest(
        ${pages.map((page) => page.url)}::text[],
        ${pages.map((page) => page.foundOn)}::text[],
        ${pages.map(({ disallowedBy }) => (disallowedBy === null ? null : storable(disallowedBy)))}::text[]
      ) as u(url, found_on, rule)
      where job.room >= ${pages.length}
      on conflict (job_id, (md5(url)::uuid)) do nothing
      returning state
    )
    select coalesce((select room from job), 0) as room, count(*) filter (where state = 'pending')::int as pending,
      count(*) filter (where state = 'skipped')::int as skipped from inserted`.execute(tx);
  const { room, pending, skipped } = rows[0]!;
  const added = pending + skipped;
  if (pending > 0) ledger.created(id, "pending", pending);
  if (skipped > 0) ledger.created(id, "skipped", skipped);
  if (skipped > 0) ledger.ended(id, "disallowed", "none", skipped);
  return { room, added };
}
