import type { RateRule, RuleInForce, SourcedRule } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";
import { readRule } from "./rule-in-force.ts";

/** What an order to a domain has changed, and what is to be done about it outside Postgres. */
export interface DomainOrdered {
  /** For the gates of all workers. */
  readonly inForce: RuleInForce;
  /** What the domain's window has room for, and the expansions whose turn it is, for the queues. */
  readonly release: Release;
}

/** An operator's rule for a domain; one that the fleet has not met yet has a row from here on. */
export async function setOperatorRule(db: Database, name: string, rule: RateRule): Promise<DomainOrdered> {
  const { requestsPerSecond, burst, concurrency } = rule;
  await sql`
    insert into domains (name, requests_per_second, burst, concurrency, rule_source)
    values (${name}, ${requestsPerSecond}, ${burst}, ${concurrency}, 'operator')
    on conflict (name) do update set
      requests_per_second = excluded.requests_per_second, burst = excluded.burst,
      concurrency = excluded.concurrency, rule_source = excluded.rule_source,
      rule_revision = domains.rule_revision + 1
    where (domains.requests_per_second, domains.burst, domains.concurrency, domains.rule_source)
      <> (excluded.requests_per_second, excluded.burst, excluded.concurrency, excluded.rule_source)`.execute(
    db,
  );
  return settleOrder(db, name);
}

/** Takes the operator's rule back, where there is one. @param rule what holds without it. */
export async function dropOperatorRule(
  db: Database,
  name: string,
  rule: SourcedRule,
): Promise<DomainOrdered> {
  await sql`
    update domains set requests_per_second = ${rule.requestsPerSecond}, burst = ${rule.burst},
      concurrency = ${rule.concurrency}, rule_source = ${rule.source}, rule_revision = rule_revision + 1
    where name = ${name} and rule_source = 'operator'`.execute(db);
  return settleOrder(db, name);
}

/** Keeps a domain where it is: none of its pages is released, and none of its jobs expanded, until it is resumed. */
export async function pauseDomain(db: Database, name: string): Promise<void> {
  await sql`update domains set paused_at = now() where name = ${name} and paused_at is null`.execute(db);
}

/** The jobs of a paused domain go on where they stood. */
export async function resumeDomain(db: Database, name: string): Promise<DomainOrdered> {
  await sql`update domains set paused_at = null where name = ${name} and paused_at is not null`.execute(db);
  return settleOrder(db, name);
}

/** All domains that an operator has paused. */
export async function listPausedDomains(db: Database): Promise<string[]> {
  const rows = await db.selectFrom("domains").select("name").where("paused_at", "is not", null).execute();
  return rows.map(({ name }) => name);
}

/** A wider window has room for more pages, and an expansion may have waited. */
async function settleOrder(db: Database, name: string): Promise<DomainOrdered> {
  const { release } = await inDomains(db, [name], async ({ domains }) => {
    for (const domain of domains) domain.turnExpansions();
  });
  return { inForce: (await readRule(db, name))!, release };
}
