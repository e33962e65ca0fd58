import type { Fleet, Routing, Tier } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";

/** Jobs that have not ended: those that go on, and those that may be resumed. */
const isOpen = sql`status in ('pending', 'expanding', 'running', 'paused')`;

/** The fleets that have a job which has not ended. */
export async function listFleetsWithJobs(db: Database): Promise<Fleet[]> {
  const { rows } = await sql<Fleet>`
    select distinct region, worker_class as "workerClass" from jobs where ${isOpen}`.execute(db);
  return rows;
}

/** A job that has not ended, as far as it matters where it goes. */
export interface OpenJob {
  readonly id: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly maxPages: number;
}

/** Jobs of a fleet that have not ended, the oldest first. */
export async function listOpenJobs(db: Database, fleet: Fleet, limit: number): Promise<OpenJob[]> {
  const { rows } = await sql<OpenJob>`
    select j.id, d.name as domain, j.tier, (j.options->>'maxPages')::int as "maxPages"
    from jobs j join domains d on d.id = j.domain_id
    where ${isOpen} and j.region = ${fleet.region} and j.worker_class = ${fleet.workerClass}
    order by j.id limit ${limit}`.execute(db);
  return rows;
}

export interface Move {
  readonly job: Pick<OpenJob, "id" | "domain">;
  readonly to: Routing;
}

/**
 * Hands jobs over to other fleets. What is released of them from now on goes there; what was released before is taken
 * back when its lease is expired. Domains are held, so that no release falls between the two.
 * @returns what the domains' windows had room for, for the queues.
 */
export async function moveJobs(db: Database, moves: readonly Move[]): Promise<Release> {
  const domains = [...new Set(moves.map(({ job }) => job.domain))];
  const { release } = await inDomains(db, domains, async ({ tx }) => {
    await sql`
      update jobs set region = move.region, worker_class = move.worker_class, routing = move.routing
      from unnest(${moves.map(({ job }) => job.id)}::uuid[], ${moves.map(({ to }) => to.region)}::text[],
        ${moves.map(({ to }) => to.workerClass)}::text[], ${moves.map(({ to }) => to.reason)}::text[])
        as move(id, region, worker_class, routing)
      where jobs.id = move.id`.execute(tx);
  });
  return release;
}
