import type { Fleet, Tier } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import { type Release, releasable, type Wake } from "./release.ts";

/** A released page whose lease ran out: its task may be lost. */
export interface OverduePage extends Fleet {
  readonly page: string;
  readonly lease: number;
  readonly domain: string;
  readonly tier: Tier;
}

/** Released pages past their lease, the oldest first. */
export async function listOverdue(db: Database, limit: number): Promise<OverduePage[]> {
  const { rows } = await sql<OverduePage>`
    select p.id as page, p.lease, d.name as domain, j.tier, j.region,
      j.worker_class as "workerClass"
    from pages p join jobs j on j.id = p.job_id join domains d on d.id = p.domain_id
    where p.state = 'released' and p.lease_until < now()
    order by p.lease_until limit ${limit}`.execute(db);
  return rows;
}

/**
 * Redis may have lost any task: every released page is overdue; of these jobs, where only theirs may be lost.
 * @returns how many pages that are.
 */
export async function expireLeases(db: Database, jobs?: readonly string[]): Promise<number> {
  const among = jobs === undefined ? sql`` : sql`and job_id = any(${[...jobs]}::uuid[])`;
  // Without the domains' rows, so never waiting: a page that is locked is being settled anyway.
  const { numAffectedRows } = await sql`
    with free as (
      select id from pages where state = 'released' and lease_until > now() ${among}
      order by id for no key update skip locked)
    update pages p set lease_until = now() from free where p.id = free.id and p.state = 'released'`.execute(
    db,
  );
  return Number(numAffectedRows ?? 0);
}

/** The tasks of these pages are still there: their leases run on. */
export async function extendLeases(
  db: Database,
  pages: readonly OverduePage[],
  seconds: number,
): Promise<void> {
  // Without the domains' rows, so never waiting: a page that is locked is being settled anyway.
  await sql`
    with free as (
      select id from pages where id = any(${pages.map((page) => page.page)}::bigint[])
      order by id for no key update skip locked)
    update pages p set lease_until = now() + make_interval(secs => ${seconds})
    from free join unnest(${pages.map((page) => page.page)}::bigint[], ${pages.map((page) => page.lease)}::int[]) as o(id, lease) using (id)
    where p.id = free.id and p.lease = o.lease and p.state = 'released'`.execute(db);
}

/** The tasks of these pages are gone: the pages go back to the frontier, and the domains release anew. */
export async function reclaimPages(
  db: Database,
  pages: readonly Pick<OverduePage, "page" | "lease" | "domain">[],
): Promise<Release> {
  const names = [...new Set(pages.map((page) => page.domain))];
  const { release } = await inDomains(db, names, async ({ tx, domains, ledger }) => {
    const { rows } = await sql<{ job_id: string; domain_id: number }>`
      update pages p set state = 'pending', lease_until = null
      from unnest(${pages.map((page) => page.page)}::bigint[], ${pages.map((page) => page.lease)}::int[]) as o(id, lease)
      where p.id = o.id and p.lease = o.lease and p.state = 'released'
      returning p.job_id, p.domain_id`.execute(tx);
    const byId = new Map(domains.map((domain) => [domain.id, domain]));
    for (const row of rows) {
      ledger.moved(row.job_id, "released", "pending");
      byId.get(row.domain_id)!.takeBack();
    }
  });
  return release;
}

/** Open domains that have due pages and nothing released: the task that would have woken them was lost. */
export async function listAsleep(db: Database, limit: number): Promise<Wake[]> {
  const { rows } = await sql<Wake>`
    select distinct on (d.name) d.name as domain, 0 as "inMs", j.region, j.worker_class as "workerClass"
    from jobs j join domains d on d.id = j.domain_id
    where ${releasable} and j.pending > 0
      and d.released = 0 and d.paused_at is null and (d.closed_until is null or d.closed_until <= now())
      and (exists (select from pages where job_id = j.id and state = 'pending' and due_at is null)
        or exists (select from pages where job_id = j.id and state = 'pending' and due_at <= now()))
    order by d.name limit ${limit}`.execute(db);
  return rows;
}
