import { PLATFORM_RULES, type Platform, type RuleInForce, type SourcedRule } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { readRule } from "./rule-in-force.ts";

/**
 * Makes sure that a domain has a row with its rule, and returns the row's id. A row that is right already is only read:
 * a submission must not wait for whoever is settling the domain's pages. A rule that an operator set stays, and so does
 * that of a platform which the domain's answers gave away, unless the owner has one.
 */
export async function ensureDomain(db: Database | Tx, name: string, rule: SourcedRule): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    with known as (
      select id from domains where name = ${name} and (rule_source = 'operator' or
        (rule_source = 'platform' and platform is not null and ${rule.source} = 'default') or
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

/**
 * Records the `Crawl-delay` (seconds, null for none) that a domain's robots.txt asks for, which was read just now: the
 * domain's next page starts that much later.
 */
export async function setCrawlDelay(db: Database | Tx, name: string, seconds: number | null): Promise<void> {
  await sql`
    update domains set
      crawl_delay = ${seconds}::float8,
      rule_revision = rule_revision + (crawl_delay is distinct from ${seconds}::float8)::int,
      next_at = case when crawl_delay is distinct from ${seconds}::float8 then now() else greatest(next_at, now()) end
        + make_interval(secs => coalesce(${seconds}::float8, 0))
    where name = ${name} and coalesce(crawl_delay, ${seconds}::float8) is not null`.execute(db);
}

/** Keeps the next turns of a slow domain for requests that are no pages: its next page is released after them. */
export async function keepTurns(db: Database, name: string, turns: number): Promise<void> {
  await sql`
    update domains set next_at = greatest(next_at, now()) + make_interval(secs => crawl_delay * ${turns}::int)
    where name = ${name} and crawl_delay is not null`.execute(db);
}

/**
 * Records the platform that a domain's answers gave away, with its rule where neither an operator nor the owner has set
 * one. @returns the rule in force, if that is another one now.
 */
export async function setPlatform(
  db: Database,
  name: string,
  platform: Platform,
): Promise<RuleInForce | undefined> {
  const { requestsPerSecond, burst, concurrency } = PLATFORM_RULES[platform];
  const isFree = sql<boolean>`rule_source in ('default', 'platform')`;
  const { rows } = await sql<{ changed: boolean }>`
    update domains set platform = ${platform},
      requests_per_second = case when ${isFree} then ${requestsPerSecond}::float8 else requests_per_second end,
      burst = case when ${isFree} then ${burst}::int else burst end,
      concurrency = case when ${isFree} then ${concurrency}::int else concurrency end,
      rule_source = case when ${isFree} then 'platform' else rule_source end,
      rule_revision = rule_revision + case when ${isFree} then 1 else 0 end
    where name = ${name} and (platform is distinct from ${platform} or rule_source = 'default')
    returning rule_source = 'platform' as changed`.execute(db);
  return rows[0]?.changed ? readRule(db, name) : undefined;
}
