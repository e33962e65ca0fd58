import { BeeError, thousands } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

/** What a key's jobs of today count, and when the next day begins: UTC, by the database's clock. */
export interface PagesToday {
  readonly used: number;
  /** Of these, what jobs have taken whose pages are not known yet: most of it comes back. */
  readonly reserved: number;
  readonly resetsAt: Date;
}

/**
 * A job counts `maxPages` until its pages are known, and from then on those that are visited: what robots.txt, the
 * patterns or an order left out costs nothing. Links add pages to the end.
 */
export async function readPagesToday(db: Database | Tx, keyId: string): Promise<PagesToday> {
  const { rows } = await sql<PagesToday>`
    select coalesce(sum(case when known then visited else most end), 0)::int as used,
      coalesce(sum(most) filter (where not known), 0)::int as reserved,
      date_trunc('day', now(), 'UTC') + interval '1 day' as "resetsAt"
    from (
      select total - skipped - cancelled as visited, greatest((options->>'maxPages')::int, total) as most,
        status in ('completed', 'failed', 'cancelled')
          or (expanded and not coalesce((options->>'followLinks')::boolean, false)) as known
      from jobs where key_id = ${keyId} and created_at >= date_trunc('day', now(), 'UTC')
    ) today`.execute(db);
  return rows[0]!;
}

/**
 * Counts a job that this transaction has stored against its key's day. The key's row is held until the end: two
 * submissions at the same moment cannot both have the last pages. What it adds up is the most that today's jobs can
 * come to; only where that leaves no room, the jobs are asked what they really are.
 * @returns how many pages are left at least.
 * @throws QuotaExceeded
 */
export async function spendPages(tx: Tx, keyId: string, pages: number, limit: number): Promise<number> {
  const { rows } = await sql<{ spent: number }>`
    insert into page_budgets (key_id, day, pages)
    values (${keyId}, (clock_timestamp() at time zone 'UTC')::date, ${pages})
    on conflict (key_id) do update set
      pages = case when page_budgets.day = excluded.day then page_budgets.pages else 0 end + excluded.pages,
      day = excluded.day
    returning pages as spent`.execute(tx);
  if (rows[0]!.spent <= limit) return limit - rows[0]!.spent;
  const { used, reserved } = await readPagesToday(tx, keyId);
  // Both have this job already.
  if (used > limit) throw new QuotaExceeded(pages, limit, used - pages, reserved - pages);
  await sql`update page_budgets set pages = ${used} where key_id = ${keyId}`.execute(tx);
  return limit - used;
}

/** When it may help to ask again: once the pages of other jobs are known, on another day, or never with this plan. */
export type QuotaPasses = "soon" | "tomorrow" | "never";

/** The day has no room for a job. */
export class QuotaExceeded extends BeeError {
  /** Pages that there is room for. */
  readonly left: number;
  readonly passes: QuotaPasses;

  /** @param used by other jobs, and of that @param reserved by those whose pages are not known yet. */
  constructor(pages: number, limit: number, used: number, reserved: number) {
    const left = Math.max(0, limit - used);
    const passes = pages > limit ? "never" : used - reserved + pages <= limit ? "soon" : "tomorrow";
    const taken = `${thousands(used)} of ${thousands(limit)} are taken`;
    const fewer = left > 0 ? "ask for fewer with maxPages, or " : "";
    super(
      "quota-exceeded",
      `expected at most ${thousands(left)} more pages today, for ${taken}, got a job of up to ${thousands(pages)}; ${fewer}${ADVICE[passes]}`,
    );
    this.left = left;
    this.passes = passes;
  }
}

const ADVICE: Readonly<Record<QuotaPasses, string>> = {
  soon: "ask again in a moment, when it is known how many pages the jobs before really have",
  tomorrow: "ask again when the day is over (UTC)",
  never: "ask your operator for another plan, for no day has room for it with this one",
};
