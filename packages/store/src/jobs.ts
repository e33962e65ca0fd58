import {
  ACTIVE_STATUSES,
  type ClosedReason,
  type Fleet,
  HEALTH_DOMAIN,
  type JobCounts,
  type JobOptions,
  type JobStatus,
  type RateRule,
  type RecoveryStep,
  type Tier,
} from "@bee/core";
import { sql } from "kysely";
import { CANARY_KEY_ID } from "./canary-key.ts";
import type { Database, Tx } from "./database.ts";
import { ruleOf, wayBackOf } from "./rule-in-force.ts";

/** A job as its row says. */
export interface Job {
  readonly id: string;
  readonly keyId: string;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly status: JobStatus;
  /** The fleet that has it: what is released of it goes into that one's queues. */
  readonly region: string;
  readonly workerClass: string;
  /** Why it has it; null of jobs from before there were several. */
  readonly routing: string | null;
  readonly options: JobOptions;
  /** The schedule that started it; null of all others, and once that is removed. */
  readonly scheduleId: string | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly failure: string | null;
  readonly warnings: readonly string[];
  readonly counts: JobCounts;
  readonly visits: number;
  readonly domainId: number;
  readonly rule: RateRule;
  readonly ruleRevision: number;
  /** The faster rules that follow, where the domain was told to slow down. */
  readonly wayBack: readonly RecoveryStep[];
  readonly crawlDelay: number | null;
  /** Whether an operator keeps all jobs of the domain where they are. */
  readonly domainPaused: boolean;
  readonly closedUntil: Date | null;
  readonly closedReason: ClosedReason | null;
  /** When a domain slower than one request a second may be visited next. */
  readonly nextAt: Date | null;
  /** Pages of the domain that are released. */
  readonly domainReleased: number;
  /** When this was read, by the database's clock, as all other times are. */
  readonly readAt: Date;
}

function selectJobs(db: Database | Tx) {
  return db
    .selectFrom("jobs")
    .innerJoin("domains", "domains.id", "jobs.domain_id")
    .where("sweep", "is distinct from", "forget")
    .selectAll("jobs")
    .select([
      "domains.name as domain",
      "requests_per_second",
      "burst",
      "concurrency",
      "premium",
      "crawl_delay",
      "paused_at",
      "tolerance",
      "rule_revision",
      "closed_until",
      "closed_reason",
      "next_at",
      "domains.released as domain_released",
      sql<Date>`now()`.as("read_at"),
    ]);
}

type JobRow = Awaited<ReturnType<ReturnType<typeof selectJobs>["execute"]>>[number];

function toJob(row: JobRow): Job {
  const { total, pending, released, succeeded, failed, skipped, cancelled } = row;
  return {
    id: row.id,
    keyId: row.key_id,
    url: row.url,
    domain: row.domain,
    tier: row.tier,
    status: row.status,
    region: row.region,
    workerClass: row.worker_class,
    routing: row.routing,
    options: row.options,
    scheduleId: row.schedule_id,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    failure: row.failure,
    warnings: row.warnings,
    counts: { total, pending, released, succeeded, failed, skipped, cancelled },
    visits: row.visits,
    domainId: row.domain_id,
    rule: ruleOf(row),
    ruleRevision: row.rule_revision,
    wayBack: wayBackOf(row),
    crawlDelay: row.crawl_delay,
    domainPaused: row.paused_at !== null,
    closedUntil: row.closed_until,
    closedReason: row.closed_reason,
    nextAt: row.next_at,
    domainReleased: row.domain_released,
    readAt: row.read_at,
  };
}

/** One job; only the key's own when a key is given. */
export async function getJob(db: Database | Tx, id: string, keyId?: string): Promise<Job | undefined> {
  let query = selectJobs(db).where("jobs.id", "=", id);
  if (keyId !== undefined) query = query.where("key_id", "=", keyId);
  const row = await query.executeTakeFirst();
  return row && toJob(row);
}

/** Those of these jobs that there are. */
export async function getJobs(db: Database | Tx, ids: readonly string[]): Promise<Job[]> {
  if (ids.length === 0) return [];
  return (await selectJobs(db).where("jobs.id", "in", ids).execute()).map(toJob);
}

export interface JobFilter {
  readonly keyId?: string | undefined;
  readonly status?: JobStatus | undefined;
  readonly tier?: Tier | undefined;
  readonly domain?: string | undefined;
  /** The id of the last job of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** Jobs, the newest first: ids are UUIDv7, so their order is the order of submission. */
export async function listJobs(db: Database | Tx, filter: JobFilter): Promise<Job[]> {
  let query = selectJobs(db).orderBy("jobs.id", "desc").limit(filter.limit);
  if (filter.keyId !== undefined) query = query.where("key_id", "=", filter.keyId);
  if (filter.status !== undefined) query = query.where("jobs.status", "=", filter.status);
  if (filter.tier !== undefined) query = query.where("jobs.tier", "=", filter.tier);
  if (filter.domain !== undefined) query = query.where("domains.name", "=", filter.domain);
  // The fleet's checks of itself are shown to those who ask for them.
  if (filter.domain !== HEALTH_DOMAIN) query = query.where("key_id", "<>", CANARY_KEY_ID);
  if (filter.before !== undefined) query = query.where("jobs.id", "<", filter.before);
  return (await query.execute()).map(toJob);
}

/** Of these jobs, those whose pages are not to be visited now: paused or ended. */
export async function listStopped(db: Database, jobs: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom("jobs")
    .select("id")
    .where("id", "in", jobs)
    .where("status", "not in", ACTIVE_STATUSES)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Jobs that have work or may get some, and their pages that wait in the frontier: what the scaling law looks at. The
 * fleet's checks of itself ask for no workers.
 * @param fleet whose jobs; those of all without it.
 */
export async function readWorkload(
  db: Database,
  fleet?: Fleet,
): Promise<{ activeJobs: number; pendingPages: number }> {
  const among =
    fleet === undefined ? sql`` : sql`and region = ${fleet.region} and worker_class = ${fleet.workerClass}`;
  const { rows } = await sql<{ activeJobs: number; pendingPages: number }>`
    select count(*)::int as "activeJobs", coalesce(sum(pending), 0)::float8 as "pendingPages"
    from jobs where status = any(${[...ACTIVE_STATUSES]}::job_status[]) and key_id <> ${CANARY_KEY_ID} ${among}`.execute(
    db,
  );
  return rows[0]!;
}

/** Whether the fleet has ever had work. A domain may have been given a rule before, and the fleet may have checked itself. */
export async function hasJobs(db: Database): Promise<boolean> {
  const work = db.selectFrom("jobs").select("id").where("key_id", "<>", CANARY_KEY_ID);
  return (await work.limit(1).executeTakeFirst()) !== undefined;
}
