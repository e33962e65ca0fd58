import {
  ACTIVE_STATUSES,
  type BackoffView,
  type ClosedReason,
  type Pace,
  type Platform,
  type RuleSource,
  type SourcedRule,
  type Tolerance,
} from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { backoffIn, paceIn } from "./rule-in-force.ts";

/** What the fleet holds of one origin's robots.txt. */
export interface RobotsSeen {
  readonly origin: string;
  readonly status: string;
  readonly fetchedAt: Date;
  /** Seconds that it asks for between two requests. */
  readonly crawlDelay: number | null;
}

/** A domain as its row says, with what is under way there. */
export interface Domain {
  readonly name: string;
  /** Its own rule, and where that came from. */
  readonly rule: SourcedRule;
  /** The rule in force now, and why it is another one. */
  readonly pace: Pace;
  /** How far it was told to slow down, or is slowed down because it became slow. */
  readonly backoff: BackoffView;
  /** What its answers gave away. */
  readonly platform: Platform | null;
  /** Seconds. */
  readonly crawlDelay: number | null;
  readonly pausedAt: Date | null;
  readonly closed: { readonly reason: ClosedReason; readonly until: Date } | null;
  readonly robots: readonly RobotsSeen[];
  /** Of all its jobs, pages that wait in the frontier and pages that have left it. */
  readonly pages: { readonly pending: number; readonly released: number };
  readonly activeJobs: number;
}

export interface DomainFilter {
  /** Only domains of which this key has submitted a job. */
  readonly keyId?: string | undefined;
  /** Text that the name contains. */
  readonly q?: string | undefined;
  /** The last domain of the page before. */
  readonly after?: string | undefined;
  readonly limit: number;
}

interface DomainRow {
  name: string;
  requests_per_second: number;
  burst: number;
  concurrency: number;
  rule_source: RuleSource;
  premium: boolean;
  tolerance: Tolerance | null;
  crawl_delay: number | null;
  platform: Platform | null;
  paused_at: Date | null;
  closed_until: Date | null;
  closed_reason: ClosedReason | null;
  pending: number;
  released: number;
  active_jobs: number;
}

/** Domains by name. */
export async function listDomains(db: Database, filter: DomainFilter): Promise<Domain[]> {
  const { keyId, q = null, after = null, limit } = filter;
  return readDomains(
    db,
    sql`${isOf(keyId)} and (${q}::text is null or position(${q} in d.name) > 0) and (${after}::text is null or d.name > ${after})
      order by d.name limit ${limit}`,
  );
}

/** One domain; only where the key has submitted a job of it, when one is given. */
export async function getDomain(db: Database, name: string, keyId?: string): Promise<Domain | undefined> {
  return (await readDomains(db, sql`d.name = ${name} and ${isOf(keyId)}`))[0];
}

function isOf(keyId: string | undefined): ReturnType<typeof sql> {
  return keyId === undefined
    ? sql`true`
    : sql`exists (select from jobs own where own.domain_id = d.id and own.key_id = ${keyId})`;
}

async function readDomains(db: Database, which: ReturnType<typeof sql>): Promise<Domain[]> {
  const { rows } = await sql<DomainRow>`
    select d.name, d.requests_per_second, d.burst, d.concurrency, d.rule_source, d.premium, d.tolerance, d.crawl_delay, d.platform,
      d.paused_at, case when d.closed_until > now() then d.closed_until end as closed_until, d.closed_reason, work.*
    from domains d
    cross join lateral (
      select coalesce(sum(j.pending), 0)::int as pending, coalesce(sum(j.released), 0)::int as released,
        (count(*) filter (where j.status = any(${[...ACTIVE_STATUSES]}::job_status[])))::int as active_jobs
      from jobs j where j.domain_id = d.id and j.status in ('pending', 'expanding', 'running', 'paused')
    ) work
    where ${which}`.execute(db);
  const robots = await readRobotsOf(
    db,
    rows.map(({ name }) => name),
  );
  return rows.map((row) => toDomain(row, robots.get(row.name) ?? []));
}

function toDomain(row: DomainRow, robots: readonly RobotsSeen[]): Domain {
  const { requests_per_second: requestsPerSecond, burst, concurrency, rule_source: source } = row;
  const { closed_until: until, closed_reason: reason } = row;
  return {
    name: row.name,
    rule: { requestsPerSecond, burst, concurrency, source },
    pace: paceIn(row),
    backoff: backoffIn(row, reason === "retry-after" ? until : null),
    platform: row.platform,
    crawlDelay: row.crawl_delay,
    pausedAt: row.paused_at,
    closed: until !== null && reason !== null ? { reason, until } : null,
    robots,
    pages: { pending: row.pending, released: row.released },
    activeJobs: row.active_jobs,
  };
}

/** More origins of one domain than anybody reads. */
const MAX_ORIGINS = 50;

interface RobotsRow {
  name: string;
  origin: string;
  status: string;
  fetched_at: number;
  crawl_delay: number | null;
}

/** Those whose robots.txt was never read yet are not told. */
async function readRobotsOf(db: Database, names: readonly string[]): Promise<Map<string, RobotsSeen[]>> {
  const { rows } = await sql<RobotsRow>`
    select d.name, r.origin, r.crawl_delay, r.record->>'status' as status,
      (r.record->>'fetchedAt')::float8 as fetched_at
    from unnest(${[...names]}::text[]) as d(name)
    cross join lateral (
      select origin, crawl_delay, record from robots where domain = d.name and record is not null
      order by origin limit ${MAX_ORIGINS}
    ) r
    order by d.name, r.origin`.execute(db);
  const seen = new Map<string, RobotsSeen[]>();
  for (const { name, origin, status, fetched_at, crawl_delay } of rows) {
    const entry = { origin, status, fetchedAt: new Date(fetched_at), crawlDelay: crawl_delay };
    seen.set(name, [...(seen.get(name) ?? []), entry]);
  }
  return seen;
}
