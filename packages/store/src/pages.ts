import type { CacheResult, Outcome } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { FOUND, inOrder, isBehind, type PageOrder, type PagePlace, placeOf } from "./page-order.ts";

/** A page as reports and lists show it. */
export interface Page {
  readonly id: string;
  readonly url: string;
  readonly outcome: Outcome | null;
  readonly cache: CacheResult | null;
  readonly status: number | null;
  readonly attempts: number;
  readonly reason: string | null;
  readonly edge: string | null;
  readonly ttfbMs: number | null;
  readonly provedTtfbMs: number | null;
  readonly bytes: number | null;
  readonly redirects: readonly string[];
  readonly foundOn: string | null;
  readonly finishedAt: Date | null;
}

export interface PageFilter {
  readonly outcome?: Outcome | undefined;
  readonly cache?: CacheResult | undefined;
  readonly status?: number | undefined;
  /** Text that the URL contains. */
  readonly q?: string | undefined;
  /** The order in which they were found unless said otherwise. */
  readonly order?: PageOrder | undefined;
  /** The last page before, as {@link placeOf} tells it. */
  readonly after?: PagePlace | undefined;
  readonly limit: number;
}

/** Pages of a job. */
export async function listPages(db: Database, job: string, filter: PageFilter): Promise<Page[]> {
  const { order = FOUND } = filter;
  let query = inOrder(db.selectFrom("pages").selectAll().where("job_id", "=", job), order).limit(
    filter.limit,
  );
  if (filter.outcome !== undefined) query = query.where("outcome", "=", filter.outcome);
  if (filter.cache !== undefined) query = query.where("cache", "=", filter.cache);
  if (filter.status !== undefined) query = query.where("status", "=", filter.status);
  if (filter.q !== undefined) query = query.where("url", "like", containing(filter.q));
  if (filter.after !== undefined) query = query.where(isBehind(filter.after, order));
  return (await query.execute()).map((row) => ({
    id: row.id,
    url: row.url,
    outcome: row.outcome,
    cache: row.cache,
    status: row.status,
    attempts: row.attempts,
    reason: row.reason,
    edge: row.edge,
    ttfbMs: row.ttfb_ms,
    provedTtfbMs: row.proved_ttfb_ms,
    bytes: row.bytes === null ? null : Number(row.bytes),
    redirects: row.redirects,
    foundOn: row.found_on,
    finishedAt: row.finished_at,
  }));
}

/** `like`, because Postgres can guess how many that are; of `position` it took a third, and walked through all jobs' pages. */
function containing(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** All pages of a job, read in batches: a report of a large job does not have to fit into memory. */
export async function* readPages(
  db: Database,
  job: string,
  filter: Omit<PageFilter, "after" | "limit"> = {},
) {
  let after: PagePlace | undefined;
  do {
    const batch: Page[] = await listPages(db, job, { ...filter, after, limit: 1_000 });
    yield* batch;
    after = batch.length === 1_000 ? placeOf(batch.at(-1)!, FOUND) : undefined;
  } while (after !== undefined);
}

/** How many visits of a job's pages the site answered with the wish for quiet. */
export async function countPleas(db: Database, job: string): Promise<number> {
  const { rows } = await sql<{ pleas: number }>`
    select coalesce(sum(hand_backs), 0)::int as pleas from pages where job_id = ${job}`.execute(db);
  return rows[0]!.pleas;
}
