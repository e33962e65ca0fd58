import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { IS_VALID } from "./keys.ts";
import { DISABLED } from "./webhook-outbox.ts";

/** A message that somebody has taken to deliver it. */
export interface DueDelivery {
  readonly id: string;
  readonly keyId: string;
  readonly webhookId: string | null;
  readonly url: string;
  readonly body: string;
  /** Null of a job's address: that signs with the secret of its key. */
  readonly secret: string | null;
  /** Tries before this one. */
  readonly tries: number;
  /** Since its day began. */
  readonly ageMs: number;
}

/** What a try came to. */
export interface FailedTry {
  readonly status: number | null;
  readonly failure: string;
  /** When to try again; null gives it up. */
  readonly retryMs: number | null;
}

/** Longer than a try takes: who took a message and has not said what came of it by then has died. */
const LEASE_SECONDS = 60;

/**
 * Receivers for whom something is due, those first that have waited longest. One step through an index for each receiver
 * with an open message, however many messages they have.
 * @param busy receivers that are being served.
 */
export async function listDueReceivers(
  db: Database,
  busy: readonly string[],
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ receiver: string }>`
    with recursive open (receiver) as (
      (select receiver from webhook_deliveries where ended_at is null order by receiver limit 1)
      union all
      select (select d.receiver from webhook_deliveries d
        where d.ended_at is null and d.receiver > open.receiver order by d.receiver limit 1)
      from open where open.receiver is not null
    )
    select open.receiver from open cross join lateral (
      select due_at from webhook_deliveries d
      where d.ended_at is null and d.receiver = open.receiver order by due_at limit 1) first
    where first.due_at <= now() and not open.receiver = any(${[...busy]}::text[])
    order by first.due_at limit ${limit}`.execute(db);
  return rows.map(({ receiver }) => receiver);
}

/**
 * Takes what is due first for a receiver; nobody else takes it for the next minute. What belongs to a key that was revoked
 * or has expired is given up.
 */
export async function takeDelivery(db: Database, receiver: string): Promise<DueDelivery | undefined> {
  const { rows } = await sql<DueDelivery & { readonly valid: boolean }>`
    with due as (
      select d.id, ${IS_VALID} as valid from webhook_deliveries d join keys on keys.id = d.key_id
      where d.ended_at is null and d.receiver = ${receiver} and d.due_at <= now()
      order by d.due_at limit 1 for no key update of d skip locked
    ), taken as (
      update webhook_deliveries d set due_at = now() + make_interval(secs => ${LEASE_SECONDS}),
        ended_at = case when not due.valid then now() end,
        failure = case when due.valid then d.failure else 'not sent: the key was revoked or has expired' end
      from due where d.id = due.id returning d.*, due.valid
    )
    select t.id, t.key_id as "keyId", t.webhook_id as "webhookId", t.url, t.body, t.tries, w.secret, t.valid,
      extract(epoch from now() - t.begun_at)::float8 * 1000 as "ageMs"
    from taken t left join webhooks w on w.id = t.webhook_id`.execute(db);
  const taken = rows[0];
  return taken === undefined || taken.valid ? taken : takeDelivery(db, receiver);
}

/** The receiver answered 2xx. */
export async function noteTaken(db: Database, { id, webhookId }: DueDelivery, status: number): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`update webhook_deliveries set ended_at = now(), delivered = true, tried_at = now(), tries = tries + 1,
        status = ${status}, failure = null
      where id = ${id} and ended_at is null`.execute(tx);
    await sql`update webhooks set failures = 0, failure = null where id = ${webhookId} and failures > 0`.execute(
      tx,
    );
  });
}

/**
 * The receiver did not take it.
 * @param gone that it says that nobody wants to hear any more; else it is disabled when it took nothing for the whole day
 *   of a message.
 * @returns whether the webhook was disabled for it.
 */
export async function noteRefused(
  db: Database,
  { id, webhookId }: DueDelivery,
  { status, failure, retryMs }: FailedTry,
  gone: boolean,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ begun: Date }>`
      update webhook_deliveries set tried_at = now(), tries = tries + 1, status = ${status}::int, failure = ${failure},
        due_at = now() + make_interval(secs => ${(retryMs ?? 0) / 1_000}::float8),
        ended_at = case when ${retryMs === null}::boolean then now() end
      where id = ${id} and ended_at is null returning begun_at as begun`.execute(tx);
    if (rows.length === 0 || webhookId === null) return false;
    await sql`update webhooks set failures = failures + 1, failure = ${failure} where id = ${webhookId}`.execute(
      tx,
    );
    if (retryMs !== null) return false;
    return disable(tx, webhookId, gone);
  });
}

async function disable(tx: Tx, webhook: string, gone: boolean): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update webhooks w set disabled_at = now() where id = ${webhook} and disabled_at is null
      and (${gone}::boolean or not exists (select from webhook_deliveries d
        where d.webhook_id = w.id and d.delivered and d.tried_at > now() - interval '1 day'))`.execute(tx);
  if (numAffectedRows === 0n) return false;
  await sql`update webhook_deliveries set ended_at = now(), failure = ${DISABLED}
    where webhook_id = ${webhook} and ended_at is null`.execute(tx);
  return true;
}

/** Nobody tries it now after all: it is due as before. */
export async function handBackDelivery(db: Database, id: string): Promise<void> {
  await sql`update webhook_deliveries set due_at = now() where id = ${id} and ended_at is null`.execute(db);
}
