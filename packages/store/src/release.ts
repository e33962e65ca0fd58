import type { Tier, VisitKind, VisitTask } from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";
import type { HeldDomain } from "./held-domain.ts";
import type { JobLedger } from "./job-ledger.ts";

/** A task for the queue, and how long the queue shall hold it back. */
export interface ReleasedVisit {
  readonly task: VisitTask;
  readonly delayMs: number;
}

/** A domain with room in its window whose next page may start only later: somebody must come back for it. */
export interface Wake {
  readonly domain: string;
  readonly inMs: number;
}

export interface Release {
  readonly visits: readonly ReleasedVisit[];
  readonly wakes: readonly Wake[];
}

/**
 * How long a released page may be without a result. Past it the leader looks whether its task still exists, and
 * releases it anew if not. So this bounds how long a page stays lost whose worker died between the commit and the
 * queue, not how long it may queue; with the leader's next look work goes on within half a minute.
 */
export const LEASE_SECONDS = 20;

/**
 * Releases the next pages of held domains, as many as their windows have room for: by tier, then in turn between
 * the jobs of the domain, then by age. The caller saves the ledger and the domains.
 */
export async function releasePages(
  tx: Tx,
  domains: readonly HeldDomain[],
  ledger: JobLedger,
): Promise<Release> {
  const byId = new Map(domains.map((domain) => [domain.id, domain]));
  const visits = (await claimPages(tx, domains)).map((row): ReleasedVisit => {
    const domain = byId.get(row.domain_id)!;
    ledger.moved(row.job_id, "pending", "released");
    return { task: toTask(row, domain), delayMs: domain.release() };
  });
  return { visits, wakes: await findWakes(tx, domains) };
}

interface ClaimedRow {
  id: string;
  lease: number;
  job_id: string;
  domain_id: number;
  tier: Tier;
  url: string;
  visit: VisitKind;
  attempts: number;
  hand_backs: number;
  suspect: boolean;
  verify: "all" | "none";
  follow_links: boolean;
}

async function claimPages(tx: Tx, domains: readonly HeldDomain[]): Promise<ClaimedRow[]> {
  const roomy = domains.filter((domain) => domain.room > 0);
  if (roomy.length === 0) return [];
  const { rows } = await sql<ClaimedRow>`
    with claimed as materialized (
      select page.id, row_number() over (partition by room.domain_id order by page.tier, page.turn, page.id) as place
      from unnest(${roomy.map((domain) => domain.id)}::int[], ${roomy.map((domain) => domain.room)}::int[])
        as room(domain_id, pages)
      cross join lateral (
        select id, tier, turn from pages
        where domain_id = room.domain_id and state = 'pending' and (due_at is null or due_at <= now())
        order by tier, turn, id
        limit room.pages
        for update skip locked
      ) page
    ), released as (
      update pages p
      set state = 'released', due_at = null, lease = p.lease + 1,
        lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
      from claimed
      where p.id = claimed.id
      returning p.id, p.lease, p.job_id, p.domain_id, p.tier, p.visit, p.attempts, p.hand_backs, p.suspect_starts > 0 as suspect,
        -- A proof asks the address that answered, not the hops that led to it.
        case when p.visit = 'prove' then coalesce(p.redirects[cardinality(p.redirects)], p.url) else p.url end as url,
        claimed.place
    )
    select released.*, j.options->>'verify' as verify, (j.options->>'followLinks')::boolean as follow_links
    from released join jobs j on j.id = released.job_id
    order by released.domain_id, released.place`.execute(tx);
  return rows;
}

function toTask(row: ClaimedRow, domain: HeldDomain): VisitTask {
  return {
    page: row.id,
    lease: row.lease,
    job: row.job_id,
    tier: row.tier,
    domain: domain.name,
    url: row.url,
    visit: row.visit,
    attempts: row.attempts,
    handBacks: row.hand_backs,
    suspect: row.suspect,
    verify: row.verify,
    followLinks: row.follow_links,
    rule: domain.rule,
    ruleRevision: domain.ruleRevision,
  };
}

/** When to come back to domains that have pages but may not be visited yet, or whose pages are not due yet. */
async function findWakes(tx: Tx, domains: readonly HeldDomain[]): Promise<Wake[]> {
  const closed = domains.filter((domain) => domain.closedForMs > 0);
  // A domain with room left has no page that is due, so what is pending there waits for its time.
  const waiting = domains.filter((domain) => domain.room > 0);
  const due = waiting.length > 0 ? await nextDue(tx, waiting) : [];
  return [...closed.map((domain) => ({ domain: domain.name, inMs: domain.closedForMs })), ...due];
}

async function nextDue(tx: Tx, domains: readonly HeldDomain[]): Promise<Wake[]> {
  const { rows } = await sql<Wake>`
    select d.name as domain, greatest(0, extract(epoch from next.due_at - now()) * 1000)::float8 as "inMs"
    from domains d cross join lateral (
      select due_at from pages where domain_id = d.id and state = 'pending' and due_at is not null
      order by due_at limit 1
    ) next
    where d.id = any(${domains.map((domain) => domain.id)}::int[])`.execute(tx);
  return rows;
}
