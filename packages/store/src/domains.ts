import { type RateRule, type SourcedRule, slowedByCrawlDelay } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

interface RuleColumns {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly concurrency: number;
  readonly crawl_delay: number | null;
}

/** The rule in force: the domain's own, slowed by its robots.txt. */
export function ruleOf(row: RuleColumns): RateRule {
  const { requests_per_second, burst, concurrency, crawl_delay } = row;
  return slowedByCrawlDelay({ requestsPerSecond: requests_per_second, burst, concurrency }, crawl_delay);
}

/**
 * Makes sure that a domain has a row with its rule, and returns the row's id. A row that is right already is only read:
 * a submission must not wait for whoever is settling the domain's pages. A rule that an operator set stays.
 */
export async function ensureDomain(db: Database | Tx, name: string, rule: SourcedRule): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with known as (
      select id from domains where name = ${name} and (rule_source = 'operator' or
        (requests_per_second, burst, concurrency, rule_source) =
        (${rule.requestsPerSecond}::float8, ${rule.burst}::int, ${rule.concurrency}::int, ${rule.source}::text))
    ), written as (
      insert into domains (name, requests_per_second, burst, concurrency, rule_source)
      select ${name}, ${rule.requestsPerSecond}::float8, ${rule.burst}::int, ${rule.concurrency}::int,
        ${rule.source}::text
      where not exists (select from known)
      on conflict (name) do update set
        requests_per_second = excluded.requests_per_second, burst = excluded.burst,
        concurrency = excluded.concurrency, rule_source = excluded.rule_source,
        rule_revision = domains.rule_revision + 1
      returning id
    )
    select id from known union all select id from written`.execute(db);
  return rows[0]!.id;
}

/** Records the `Crawl-delay` (seconds, null for none) that a domain's robots.txt asks for. */
export async function setCrawlDelay(db: Database, name: string, seconds: number | null): Promise<void> {
  await sql`
    update domains set crawl_delay = ${seconds}::float8, rule_revision = rule_revision + 1
    where name = ${name} and crawl_delay is distinct from ${seconds}::float8`.execute(db);
}

/** The rule in force for a domain, with its revision. */
export async function readRule(
  db: Database,
  name: string,
): Promise<{ readonly rule: RateRule; readonly revision: number } | undefined> {
  const row = await db
    .selectFrom("domains")
    .select(["requests_per_second", "burst", "concurrency", "crawl_delay", "rule_revision"])
    .where("name", "=", name)
    .executeTakeFirst();
  return row && { rule: ruleOf(row), revision: row.rule_revision };
}

/** Whether the fleet has ever had work. */
export async function hasDomains(db: Database): Promise<boolean> {
  return (await db.selectFrom("domains").select("id").limit(1).executeTakeFirst()) !== undefined;
}
