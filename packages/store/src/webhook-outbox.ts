import {
  type AlertNotice,
  CACHE_RESULTS,
  type JobEvent,
  jobRate,
  OUTCOMES,
  type WebhookEvent,
  webhookBody,
  withZeros,
} from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Tx } from "./database.ts";
import { getJob, type Job } from "./jobs.ts";
import { IS_VALID } from "./keys.ts";
import { readTallies, type Tallies } from "./tallies.ts";

/** Who is to be told of something. */
interface Receiver {
  readonly keyId: string;
  /** Null where a job named the address. */
  readonly webhookId: string | null;
  readonly url: string;
  readonly disabled: boolean;
}

interface JobReceiver extends Receiver {
  readonly jobId: string;
  readonly type: JobEvent;
}

/**
 * Writes down whom these jobs' ends are to be told, in the transaction that ends them: either both are there or neither.
 * A job of which nobody is told costs one look.
 * @param jobs that have just been completed or have failed.
 */
export async function writeJobEvents(tx: Tx, jobs: readonly string[]): Promise<void> {
  if (jobs.length === 0) return;
  const receivers = await findJobReceivers(tx, jobs);
  if (receivers.length === 0) return;
  const told = [...new Set(receivers.map(({ jobId }) => jobId))];
  const tallies = await readTallies(tx, told);
  for (const id of told) {
    const job = (await getJob(tx, id))!;
    const { type } = receivers.find(({ jobId }) => jobId === id)!;
    const body = webhookBody(type, job.finishedAt!, endedJob(job, tallies.get(id)));
    const mine = receivers.filter(({ jobId }) => jobId === id);
    await insertDeliveries(tx, mine, { type, body, jobId: id });
  }
}

async function findJobReceivers(tx: Tx, jobs: readonly string[]): Promise<JobReceiver[]> {
  const { rows } = await sql<JobReceiver>`
    with ended as (
      select j.id, j.key_id, j.webhook_url, 'job.' || j.status as type
      from jobs j join keys on keys.id = j.key_id
      where j.id = any(${[...jobs]}::uuid[]) and j.status in ('completed', 'failed') and ${IS_VALID}
    )
    select id as "jobId", key_id as "keyId", null as "webhookId", webhook_url as url, type, false as disabled
    from ended where webhook_url is not null
    union all
    select e.id, e.key_id, w.id, w.url, e.type, w.disabled_at is not null
    from ended e join webhooks w on w.key_id = e.key_id and e.type = any(w.events)`.execute(tx);
  return rows;
}

/** A job that has ended, as `GET /v1/jobs/:id` shows it. */
function endedJob(job: Job, { outcomes, cache }: Tallies = { outcomes: {}, cache: {} }): object {
  const {
    id,
    url,
    domain,
    tier,
    status,
    region,
    workerClass,
    routing,
    scheduleId,
    createdAt,
    startedAt,
    finishedAt,
  } = job;
  return {
    ...{ id, url, domain, tier, status, region, class: workerClass, routing, scheduleId },
    ...{ createdAt, startedAt, finishedAt, failure: job.failure, counts: job.counts },
    outcomes: withZeros(OUTCOMES, outcomes),
    cache: withZeros(CACHE_RESULTS, cache),
    rate: jobRate(job),
    waiting: [],
    etaSeconds: null,
    warnings: job.warnings,
    options: job.options,
  };
}

/** Writes down which operators are to be told of an alert, in the transaction that changes it. What fails is not told of its own failure. */
export async function writeAlertEvent(tx: Tx, { type, timestamp, data }: Told): Promise<void> {
  const { rows } = await sql<Receiver>`
    select w.key_id as "keyId", w.id as "webhookId", w.url, w.disabled_at is not null as disabled
    from webhooks w join keys on keys.id = w.key_id
    where ${type} = any(w.events) and keys.plan = 'operator' and ${IS_VALID} and w.id::text <> ${data.subject}`.execute(
    tx,
  );
  await insertDeliveries(tx, rows, { type, body: webhookBody(type, timestamp, data), jobId: null });
}

/** An alert's notice, before it is JSON. */
interface Told {
  readonly type: AlertNotice["type"];
  readonly timestamp: Date;
  readonly data: { readonly subject: string };
}

async function insertDeliveries(
  tx: Tx,
  receivers: readonly Receiver[],
  {
    type,
    body,
    jobId,
  }: { readonly type: WebhookEvent; readonly body: string; readonly jobId: string | null },
): Promise<void> {
  if (receivers.length === 0) return;
  await tx
    .insertInto("webhook_deliveries")
    .values(
      receivers.map(({ keyId, webhookId, url, disabled }) => ({
        ...{ id: uuidv7(), key_id: keyId, webhook_id: webhookId, job_id: jobId, url, type, body },
        receiver: webhookId ?? `${keyId} ${new URL(url).origin}`,
        // Kept to be ordered again: who has mended the receiver may want what it missed.
        ...(disabled ? { ended_at: sql<Date>`now()`, failure: DISABLED } : {}),
      })),
    )
    .execute();
}

/** What became of a message for a webhook that is disabled. */
export const DISABLED = "not sent: the webhook is disabled";
