import type { Fleet, Tier, VisitKind, VisitTask } from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";
import { type DueExpansion, dueExpansions } from "./expansion-turns.ts";
import type { HeldDomain } from "./held-domain.ts";
import type { JobLedger } from "./job-ledger.ts";

/** A task for the queue of its job's fleet, and how long the queue shall hold it back. */
export interface ReleasedVisit extends Fleet {
  readonly task: VisitTask;
  readonly delayMs: number;
}

/**
 * A domain with room in its window whose next page may start only later: somebody must come back for it. Any worker
 * can; one of a fleet that has a job of the domain is asked to.
 */
export interface Wake extends Fleet {
  readonly domain: string;
  readonly inMs: number;
}

export interface Release {
  readonly visits: readonly ReleasedVisit[];
  readonly wakes: readonly Wake[];
  /** Where the turn may have passed on: the jobs whose turn it is to be expanded. One that is on its way may be among them. */
  readonly expansions: readonly DueExpansion[];
}

/**
 * How long a released page may be without a result. Past it the leader looks whether its task still exists, and
 * releases it anew if not. So this bounds how long a page stays lost whose worker died between the commit and the
 * queue, not how long it may queue; with the leader's next look work goes on within half a minute.
 */
export const LEASE_SECONDS = 20;

/** As many as a domain at the default rule visits until the proof of the first of them is due. */
const LAST_PAGES = 4;

/** Of a job `j`: its pages may be released. Paused and ended jobs keep theirs, and so does one that is being swept. */
export const releasable = sql`j.status in ('expanding', 'running') and j.sweep is null`;

/**
 * Releases the next pages of held domains, as many as their windows have room for: by tier, then in turn between
 * the jobs of the domain, then by age. Turns go round: each job's first page, then each job's second, the job that
 * was released least recently beginning. The caller saves the ledger and the domains.
 */
export async function releasePages(
  tx: Tx,
  domains: readonly HeldDomain[],
  ledger: JobLedger,
): Promise<Release> {
  const byId = new Map(domains.map((domain) => [domain.id, domain]));
  const visits = (await claimPages(tx, domains)).map((row): ReleasedVisit => {
    const domain = byId.get(row.domain_id)!;
    const delayMs = domain.release();
    ledger.released(row.job_id, domain.turn);
    return { region: row.region, workerClass: row.worker_class, task: toTask(row, domain), delayMs };
  });
  const turned = domains.filter((domain) => domain.expansionsTurn).map(({ id }) => id);
  const expansions = turned.length > 0 ? await dueExpansions(tx, turned) : [];
  return { visits, wakes: await findWakes(tx, domains), expansions };
}

interface ClaimedRow {
  id: string;
  lease: number;
  job_id: string;
  domain_id: number;
  region: string;
  worker_class: string;
  tier: Tier;
  url: string;
  visit: VisitKind;
  attempts: number;
  hand_backs: number;
  suspect: boolean;
  verify: "all" | "none";
  follow_links: boolean;
}

/**
 * Jobs that are paused or have ended are not looked at, however many pages they have; of the others only the first
 * pages are. In the order `pages_frontier` has, `limit` ends each look after the pages that can matter.
 */
async function claimPages(tx: Tx, domains: readonly HeldDomain[]): Promise<ClaimedRow[]> {
  const roomy = domains.filter((domain) => domain.room > 0);
  if (roomy.length === 0) return [];
  const most = Math.max(...roomy.map((domain) => domain.room));
  const { rows } = await sql<ClaimedRow>`
    with ready as (
      select page.id, j.id as job_id, j.region, j.worker_class, j.tier, j.options, j.turn, room.domain_id, room.pages,
        -- Those that have waited for their moment were begun before any new one; but one that the site turned away
        -- comes after those that it did not: otherwise one page would be asked for again and again while others wait.
        -- Whether a domain is back is found out with a page that has not failed by itself, as long as there is one.
        -- Of the last new pages each goes first: else the job would end with a second in which nothing is left but
        -- proofs that are not due.
        row_number() over (partition by j.id order by page.hand_backs,
          case when room.doubtful and page.visit = 'warm' then page.attempts else 0 end,
          page.due_at is not null and page.fresh <= ${LAST_PAGES}, page.due_at nulls last, page.id) as round
      from unnest(${roomy.map((domain) => domain.id)}::int[], ${roomy.map((domain) => domain.room)}::int[],
        ${roomy.map((domain) => domain.isDoubtful)}::boolean[]) as room(domain_id, pages, doubtful)
      join jobs j on j.domain_id = room.domain_id and ${releasable}
      cross join lateral (
        select *, count(*) filter (where due_at is null) over () as fresh from (
          (select id, due_at, hand_backs, attempts, visit from pages
            where job_id = j.id and state = 'pending' and due_at <= now()
            order by due_at nulls first, id limit ${most})
          union all
          (select id, due_at, hand_backs, attempts, visit from pages
            where job_id = j.id and state = 'pending' and due_at is null
            order by due_at nulls first, id limit ${most + LAST_PAGES})
        ) first
      ) page
    ), ordered as (
      select *, row_number() over (partition by domain_id order by tier, round, turn, job_id) as place from ready
    ), claimed as materialized (
      select p.id, o.job_id, o.domain_id, o.region, o.worker_class, o.tier, o.options, o.place
      from ordered o join pages p on p.id = o.id
      where o.place <= o.pages and p.state = 'pending'
      for no key update of p skip locked
    ), released as (
      update pages p
      set state = 'released', due_at = null, lease = p.lease + 1,
        lease_until = now() + make_interval(secs => ${LEASE_SECONDS})
      from claimed c
      where p.id = c.id
      returning p.id, p.lease, p.visit, p.attempts, p.hand_backs, p.suspect_starts > 0 as suspect,
        c.job_id, c.domain_id, c.region, c.worker_class, c.tier, c.options, c.place,
        -- A proof asks the address that answered, not the hops that led to it.
        case when p.visit = 'prove' then coalesce(p.redirects[cardinality(p.redirects)], p.url) else p.url end as url
    )
    select id, lease, job_id, domain_id, region, worker_class, tier, url, visit, attempts, hand_backs, suspect,
      options->>'verify' as verify, (options->>'followLinks')::boolean as follow_links
    from released order by domain_id, place`.execute(tx);
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
  const opening = closed.length > 0 ? await nextOpening(tx, closed) : [];
  const due = waiting.length > 0 ? await nextDue(tx, waiting) : [];
  return [...opening, ...due];
}

/** A closed domain without a job that goes on has nobody to come back for. */
async function nextOpening(tx: Tx, domains: readonly HeldDomain[]): Promise<Wake[]> {
  const { rows } = await sql<Wake>`
    select distinct on (closed.name) closed.name as domain, closed.in_ms as "inMs", j.region,
      j.worker_class as "workerClass"
    from unnest(${domains.map((domain) => domain.id)}::int[], ${domains.map((domain) => domain.name)}::text[],
      ${domains.map((domain) => domain.closedForMs)}::float8[]) as closed(id, name, in_ms)
    join jobs j on j.domain_id = closed.id and j.status in ('pending', 'expanding', 'running')
    order by closed.name, j.tier, j.id`.execute(tx);
  return rows;
}

async function nextDue(tx: Tx, domains: readonly HeldDomain[]): Promise<Wake[]> {
  const { rows } = await sql<Wake>`
    select distinct on (d.name) d.name as domain, j.region, j.worker_class as "workerClass",
      greatest(0, extract(epoch from next.due_at - now()) * 1000)::float8 as "inMs"
    from domains d join jobs j on j.domain_id = d.id and ${releasable}
    cross join lateral (
      select due_at from pages where job_id = j.id and state = 'pending' and due_at is not null
      order by due_at nulls first limit 1
    ) next
    where d.id = any(${domains.map((domain) => domain.id)}::int[])
    order by d.name, next.due_at`.execute(tx);
  return rows;
}
