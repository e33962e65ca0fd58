import { BeeError, type JobOptions, type Tier } from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database, Tx } from "./database.ts";
import { spendPages } from "./key-budgets.ts";

export interface NewJob {
  readonly keyId: string;
  readonly url: string;
  readonly domainId: number;
  readonly tier: Tier;
  readonly region: string;
  /** `general` without it. */
  readonly workerClass?: string;
  /** Why it goes there. */
  readonly routing?: string;
  readonly options: JobOptions;
  readonly webhookUrl: string | null;
  readonly idempotency: { readonly key: string; readonly requestHash: Buffer } | null;
  /** The schedule that starts it. */
  readonly scheduleId?: string;
}

export interface InsertedJob {
  readonly id: string;
  /** False when the same idempotency key had made the job before. */
  readonly created: boolean;
  /** How many pages the day's quota of the key has left at least; null where there is none, or nothing was taken. */
  readonly pagesLeft: number | null;
}

/**
 * Stores a job; from here on it is accepted, whatever happens to Redis. The same idempotency key of the same API key
 * makes one job, also at the same moment at two API processes: the unique index decides.
 * @param dailyPages what the key's jobs of a day may visit at most; null for no limit.
 * @throws BeeError `idempotency-mismatch` when the key was used for another request, or {@link QuotaExceeded}.
 */
export async function insertJob(
  db: Database,
  job: NewJob,
  dailyPages: number | null = null,
): Promise<InsertedJob> {
  if (dailyPages === null) return insert(db, job);
  return db.transaction().execute((tx) => insertJobIn(tx, job, dailyPages));
}

/** As {@link insertJob}, as a part of what a transaction does. */
export async function insertJobIn(tx: Tx, job: NewJob, dailyPages: number | null): Promise<InsertedJob> {
  const inserted = await insert(tx, job);
  if (!inserted.created || dailyPages === null) return inserted;
  return { ...inserted, pagesLeft: await spendPages(tx, job.keyId, job.options.maxPages, dailyPages) };
}

async function insert(db: Database | Tx, job: NewJob): Promise<InsertedJob> {
  const id = uuidv7();
  const { rows } = await sql<{ id: string }>`
    insert into jobs (id, key_id, url, domain_id, tier, region, worker_class, routing, options,
      webhook_url, idempotency_key, request_hash, schedule_id)
    values (${id}, ${job.keyId}, ${job.url}, ${job.domainId}, ${job.tier}, ${job.region},
      ${job.workerClass ?? "general"}, ${job.routing ?? null},
      ${JSON.stringify(job.options)}, ${job.webhookUrl},
      ${job.idempotency?.key ?? null}, ${job.idempotency?.requestHash ?? null}, ${job.scheduleId ?? null})
    on conflict (key_id, idempotency_key) do nothing
    returning id`.execute(db);
  if (rows.length > 0) return { id, created: true, pagesLeft: null };
  return { id: (await findRepeated(db, job))!, created: false, pagesLeft: null };
}

/**
 * The job that an idempotency key of the same API key has made already.
 * @throws BeeError `idempotency-mismatch` when it was used for another request.
 */
export async function findRepeated(
  db: Database | Tx,
  { keyId, idempotency }: Pick<NewJob, "keyId" | "idempotency">,
): Promise<string | undefined> {
  if (idempotency === null) return undefined;
  const row = await db
    .selectFrom("jobs")
    .select(["id", "request_hash"])
    .where("key_id", "=", keyId)
    .where("idempotency_key", "=", idempotency.key)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.request_hash?.equals(idempotency.requestHash)) return row.id;
  throw new BeeError(
    "idempotency-mismatch",
    `expected the same body as the first request with Idempotency-Key ${JSON.stringify(idempotency.key)}, got another; use a new key`,
  );
}
