import { sql } from "kysely";
import type { Database } from "./database.ts";

/** What earlier jobs of a domain say of where the next should go. */
export interface DomainPast {
  /** Milliseconds to the first byte, by region: the median of its latest pages in the last job there. */
  readonly firstBytes: ReadonlyMap<string, number>;
  /** The largest of its latest jobs; null where it has had none. */
  readonly largest: { readonly total: number; readonly maxPages: number } | null;
}

export const NO_PAST: DomainPast = { firstBytes: new Map(), largest: null };

/** Latest jobs of a domain that are looked at, and latest pages of each. */
const JOBS = 50;
const PAGES = 60;

interface PastRow {
  domain: string;
  region: string;
  first_byte_ms: number | null;
  total: number;
  max_pages: number;
}

/** The pasts of some domains, by their names. Its cost does not grow with what was crawled. */
export async function readPasts(
  db: Database,
  domains: readonly string[],
): Promise<ReadonlyMap<string, DomainPast>> {
  const { rows } = await sql<PastRow>`
    with recent as materialized (
      select d.name as domain, j.* from domains d
      cross join lateral (
        select id as job, region, status, total, (options->>'maxPages')::int as max_pages from jobs
        where domain_id = d.id order by id desc limit ${JOBS}
      ) j where d.name = any(${[...domains]}::text[]) and j.status = 'completed'
    ), last as (
      select distinct on (domain, region) domain, region, job from recent order by domain, region, job desc
    ), largest as (
      select distinct on (domain) domain, total, max_pages from recent order by domain, total desc
    )
    select last.domain, last.region, times.first_byte_ms, largest.total, largest.max_pages
    from last join largest using (domain)
    cross join lateral (
      select percentile_cont(0.5) within group (order by ttfb_ms) as first_byte_ms
      from (select ttfb_ms from pages where job_id = last.job order by id desc limit ${PAGES}) page
    ) times`.execute(db);
  return new Map(domains.map((domain) => [domain, pastOf(rows.filter((row) => row.domain === domain))]));
}

function pastOf(rows: readonly PastRow[]): DomainPast {
  const [any] = rows;
  if (any === undefined) return NO_PAST;
  const firstBytes = new Map<string, number>();
  for (const { region, first_byte_ms } of rows)
    if (first_byte_ms !== null) firstBytes.set(region, first_byte_ms);
  return { firstBytes, largest: { total: any.total, maxPages: any.max_pages } };
}
