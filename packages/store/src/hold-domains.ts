import { sql } from "kysely";
import type { Tx } from "./database.ts";
import { HeldDomain, type HeldRow } from "./held-domain.ts";

/**
 * Locks domains, always in the order of their ids: every transaction that changes the states of pages begins here, so
 * two of them can wait for each other but never in a circle. A new job's reference to its domain does not wait.
 */
export async function holdDomains(tx: Tx, names: readonly string[]): Promise<HeldDomain[]> {
  const { rows } = await sql<HeldRow>`
    select id, name, requests_per_second, burst, concurrency, premium, crawl_delay, rule_revision, slow_start,
      released, unreached,
      greatest(0, coalesce(extract(epoch from next_at - now()), 0) * 1000)::float8 as next_in_ms,
      greatest(0, coalesce(extract(epoch from closed_until - now()), 0) * 1000)::float8 as closed_for_ms,
      closed_reason, turn::float8 as turn, paused_at is not null as paused, tolerance
    from domains where name = any(${[...names]}) order by id for no key update`.execute(tx);
  return rows.map((row) => new HeldDomain(row));
}

/** Writes what the transaction changed of its domains, in one statement. */
export async function saveDomains(tx: Tx, domains: readonly HeldDomain[]): Promise<void> {
  await sql`
    update domains d set released = c.released, slow_start = c.slow_start, unreached = c.unreached, turn = c.turn,
      closed_reason = c.closed_reason,
      rule_revision = d.rule_revision + c.new_rules, tolerance = c.tolerance,
      next_at = now() + make_interval(secs => c.next_in_ms / 1000),
      closed_until = case when c.closed_for_ms > 0 then now() + make_interval(secs => c.closed_for_ms / 1000) end
    from json_to_recordset(${JSON.stringify(domains.map((domain) => domain.toRow()))}::json) as c(
      id integer, released integer, slow_start boolean, unreached integer, next_in_ms float8, closed_for_ms float8,
      closed_reason text, turn bigint, new_rules integer, tolerance jsonb)
    where d.id = c.id`.execute(tx);
}
