import { ACTIVE_STATUSES, type RuleInForce } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { type RuleColumns, ruleOf } from "./rule-in-force.ts";

/** Whether a job of a premium key is active on a domain. */
export function hasPremium(domain: "c.id" | "d.id") {
  return sql<boolean>`exists (
    select from jobs j join keys k on k.id = j.key_id and k.plan = 'premium'
    where j.domain_id = ${sql.ref(domain)} and j.status = any(${[...ACTIVE_STATUSES]}::job_status[]))`;
}

/**
 * Writes down for domains whether a job of a premium key is active on them, which doubles their rule. Called where a
 * job may have begun to be active or ceased to be; where nothing has changed it only reads, and waits for nobody.
 * @returns the rules that are in force now of those domains for which that has changed, by their names.
 */
export async function agreePremium(
  db: Database | Tx,
  domains: readonly number[],
): Promise<ReadonlyMap<string, RuleInForce>> {
  const { rows } = await sql<RuleColumns & { name: string; rule_revision: number }>`
    update domains d set premium = live.premium, rule_revision = d.rule_revision + 1
    from (
      select c.id, ${hasPremium("c.id")} as premium
      from unnest(${[...domains]}::int[]) as c(id)
    ) live
    where d.id = live.id and d.premium <> live.premium
    returning d.*`.execute(db);
  return new Map(rows.map((row) => [row.name, { rule: ruleOf(row), revision: row.rule_revision }]));
}
