import {
  type BackoffView,
  type Pace,
  PLATFORM_RULES,
  type Platform,
  paceOf,
  paceWithin,
  type RateRule,
  type RecoveryStep,
  type SourcedRule,
  slowReasonsOf,
  type Tolerance,
  UNHURRIED,
  viewBackoff,
  wayBack,
} from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

/** The columns of which a rule in force is made. */
export interface RuleColumns {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly concurrency: number;
  readonly premium: boolean;
  readonly crawl_delay: number | null;
  readonly tolerance: Tolerance | null;
}

/**
 * The rule in force, and why it is not the domain's own: doubled for premium jobs, but not while the site wants less,
 * slowed by its robots.txt, and slowed to what it bears.
 */
export function paceIn(row: RuleColumns): Pace {
  const { requests_per_second, burst, concurrency, crawl_delay: crawlDelay } = row;
  const own = { requestsPerSecond: requests_per_second, burst, concurrency };
  const tolerance = row.tolerance ?? UNHURRIED;
  const premium = row.premium && slowReasonsOf(tolerance).length === 0;
  return paceWithin(paceOf(own, { premium, crawlDelay }), tolerance);
}

/** How far the domain is slowed down; `until` ends the pause that it asked for. */
export function backoffIn(row: RuleColumns, until: Date | null): BackoffView {
  return viewBackoff(ruleOf({ ...row, premium: false, tolerance: null }), row.tolerance ?? UNHURRIED, until);
}

/** The steps by which a domain that was told to slow down comes back to its rule. */
export function wayBackOf(row: RuleColumns): RecoveryStep[] {
  return wayBack(ruleOf({ ...row, premium: false, tolerance: null }), row.tolerance ?? UNHURRIED);
}

/** The rule in force. */
export function ruleOf(row: RuleColumns): RateRule {
  const { requestsPerSecond, burst, concurrency } = paceIn(row);
  return { requestsPerSecond, burst, concurrency };
}

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

/** The rule that is in force for a domain, and how new it is. */
export interface RuleInForce {
  readonly rule: RateRule;
  readonly revision: number;
}

/** The rule in force for a domain, with its revision. */
export async function readRule(db: Database, name: string): Promise<RuleInForce | undefined> {
  const row = await db
    .selectFrom("domains")
    .select([
      "requests_per_second",
      "burst",
      "concurrency",
      "premium",
      "crawl_delay",
      "tolerance",
      "rule_revision",
    ])
    .where("name", "=", name)
    .executeTakeFirst();
  return row && { rule: ruleOf(row), revision: row.rule_revision };
}
