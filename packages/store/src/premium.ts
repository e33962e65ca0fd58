import { ACTIVE_STATUSES } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

/**
 * Writes down for domains whether a job of a premium key is active on them, which doubles their rule. Called where a
 * job may have begun to be active or ceased to be; where nothing has changed it only reads, and waits for nobody.
 */
export async function agreePremium(db: Database | Tx, domains: readonly number[]): Promise<void> {
  await sql`
    update domains d set premium = live.premium, rule_revision = d.rule_revision + 1
    from (
      select c.id, exists (
        select from jobs j join keys k on k.id = j.key_id and k.plan = 'premium'
        where j.domain_id = c.id and j.status = any(${[...ACTIVE_STATUSES]}::job_status[])) as premium
      from unnest(${[...domains]}::int[]) as c(id)
    ) live
    where d.id = live.id and d.premium <> live.premium`.execute(db);
}
