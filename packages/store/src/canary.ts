import { type Fleet, HEALTH_DOMAIN, type JobOptions, type SourcedRule } from "@bee/core";
import { sql } from "kysely";
import { CANARY_KEY_ID } from "./canary-key.ts";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import { type DueExpansion, dueExpansions } from "./expansion-turns.ts";
import { insertJob } from "./insert-job.ts";
import { cancelJob } from "./job-orders.ts";
import type { Release } from "./release.ts";

/** How the fleet's own health checks went. Times in milliseconds, by the database's clock. */
export interface CanaryRecord {
  readonly now: number;
  /** When the last one was submitted; null where none ever was. */
  readonly submittedAt: number | null;
  /** Whether that one is still on its way. */
  readonly open: boolean;
  /** When the last one that passed did, and how long after its submission. */
  readonly passed: { readonly at: number; readonly durationMs: number } | null;
}

/** One page, once, and nothing else. */
const OPTIONS: JobOptions = {
  maxPages: 1,
  useSitemap: false,
  followLinks: false,
  include: [],
  exclude: [],
  verify: "none",
};

export async function readCanary(db: Database): Promise<CanaryRecord> {
  const { rows } = await sql<{
    now: number;
    submittedAt: number | null;
    finishedAt: number | null;
    passedAt: number | null;
    durationMs: number | null;
  }>`
    select ${ms(sql`now()`)} as now, ${ms(sql`last.created_at`)} as "submittedAt",
      ${ms(sql`last.finished_at`)} as "finishedAt", ${ms(sql`passed.finished_at`)} as "passedAt",
      ${ms(sql`passed.finished_at - passed.created_at`)} as "durationMs"
    from (select) one
    left join lateral (
      select created_at, finished_at from jobs where key_id = ${CANARY_KEY_ID} order by id desc limit 1
    ) last on true
    left join lateral (
      select created_at, finished_at from jobs
      where key_id = ${CANARY_KEY_ID} and status = 'completed' and succeeded > 0 order by id desc limit 1
    ) passed on true`.execute(db);
  const { now, submittedAt, finishedAt, passedAt, durationMs } = rows[0]!;
  return {
    now,
    submittedAt,
    open: submittedAt !== null && finishedAt === null,
    passed: passedAt === null ? null : { at: passedAt, durationMs: durationMs! },
  };
}

/** Submits a health check of this URL, as the API does a job. @returns what is to be queued. */
export async function submitCanary(
  db: Database,
  { url, home, rule }: { readonly url: string; readonly home: Fleet; readonly rule: SourcedRule },
): Promise<DueExpansion[]> {
  const domainId = await ensureDomain(db, HEALTH_DOMAIN, rule);
  await insertJob(db, {
    keyId: CANARY_KEY_ID,
    url,
    domainId,
    tier: "critical",
    ...home,
    options: OPTIONS,
    webhookUrl: null,
    idempotency: null,
  });
  return dueExpansions(db, [domainId]);
}

/** Ends the health check that is on its way. @returns what its domain then has room for, for the queues. */
export async function abandonCanary(db: Database): Promise<Release[]> {
  const { rows } = await sql<{ id: string }>`
    select id from jobs where key_id = ${CANARY_KEY_ID} and finished_at is null`.execute(db);
  const ordered: Release[] = [];
  for (const { id } of rows) ordered.push((await cancelJob(db, { id, domain: HEALTH_DOMAIN })).release);
  return ordered;
}

/** Forgets health checks that ended longer ago than that, but not the last one that passed. */
export async function pruneCanaries(db: Database, olderThanMs: number): Promise<void> {
  await sql`
    delete from jobs where key_id = ${CANARY_KEY_ID}
      and finished_at < now() - make_interval(secs => ${olderThanMs / 1_000}::float8)
      and id is distinct from (select id from jobs
        where key_id = ${CANARY_KEY_ID} and status = 'completed' and succeeded > 0 order by id desc limit 1)`.execute(
    db,
  );
}

const ms = (time: ReturnType<typeof sql>) => sql<number>`round(extract(epoch from ${time}) * 1000)::float8`;
