import type { Fleet, Tier } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";

/** A job whose turn it is to be expanded. */
export interface DueExpansion extends Fleet {
  readonly job: string;
  readonly domain: string;
  readonly tier: Tier;
}

/**
 * The expansions that should be on their way: of each domain one a tier, the one that has begun before those that have
 * not, then the oldest. All of a domain pass the same gate, so more of them would only fill a lane while they wait for
 * each other; one a tier, because an urgent job must not wait for a bulk job's sitemaps.
 * A closed or paused domain has none: the leader finds its turn when it opens.
 * @param domains ids of the domains to look at; all without it.
 */
export async function dueExpansions(db: Database | Tx, domains?: readonly number[]): Promise<DueExpansion[]> {
  const among = domains === undefined ? sql`` : sql`and j.domain_id = any(${[...domains]}::int[])`;
  const { rows } = await sql<DueExpansion>`
    select distinct on (j.domain_id, j.tier) j.id as job, d.name as domain, j.tier, j.region,
      j.worker_class as "workerClass"
    from jobs j join domains d on d.id = j.domain_id
    where j.status in ('pending', 'expanding') and d.paused_at is null
      and (d.closed_until is null or d.closed_until <= now()) ${among}
    order by j.domain_id, j.tier, j.status = 'expanding' desc, j.id`.execute(db);
  return rows;
}
