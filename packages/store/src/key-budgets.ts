import { BeeError, thousands } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

/** What a key's jobs of today count, and when the next day begins: UTC, by the database's clock. */
export interface PagesToday {
  readonly used: number;
  readonly resetsAt: Date;
}

/**
 * A job counts `maxPages` until its pages are known, and from then on those that are visited: what robots.txt, the
 * patterns or an order left out costs nothing. Links add pages to the end.
 */
export async function readPagesToday(db: Database | Tx, keyId: string): Promise<PagesToday> {
  const { rows } = await sql<PagesToday>`
    select coalesce(sum(case
        when status in ('completed', 'failed', 'cancelled')
          or (expanded and not coalesce((options->>'followLinks')::boolean, false))
        then total - skipped - cancelled
        else greatest((options->>'maxPages')::int, total) end), 0)::int as used,
      date_trunc('day', now(), 'UTC') + interval '1 day' as "resetsAt"
    from jobs where key_id = ${keyId} and created_at >= date_trunc('day', now(), 'UTC')`.execute(db);
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
  const { used } = await readPagesToday(tx, keyId);
  if (used > limit) throw new QuotaExceeded(pages, used - pages, limit);
  await sql`update page_budgets set pages = ${used} where key_id = ${keyId}`.execute(tx);
  return limit - used;
}

/** The day has no room for a job. */
export class QuotaExceeded extends BeeError {
  /** Pages that there is room for. */
  readonly left: number;
  /** Whether another day has more room: not for a job that is larger than a day. */
  readonly isPassing: boolean;

  constructor(pages: number, used: number, limit: number) {
    const left = Math.max(0, limit - used);
    const isPassing = pages <= limit;
    const expected = `expected at most ${thousands(left)} more pages today, for ${thousands(used)} of ${thousands(limit)} are taken`;
    const advice = [
      ...(left > 0 ? ["ask for fewer with maxPages"] : []),
      ...(isPassing ? ["ask again when the day is over (UTC)"] : ["no day has room for it with this plan"]),
    ].join(", or ");
    super("quota-exceeded", `${expected}, got a job of up to ${thousands(pages)}; ${advice}`);
    this.left = left;
    this.isPassing = isPassing;
  }
}
