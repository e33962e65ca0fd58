import type { WebhookEvent } from "@bee/core";
import { type Selectable, type SelectQueryBuilder, sql } from "kysely";
import type { Database } from "./database.ts";
import type { Schema, WebhookDeliveriesTable } from "./schema.ts";

export const DELIVERY_STATES = ["waiting", "delivered", "failed"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** One message for one receiver, and how it went. */
export interface WebhookDelivery {
  /** The `webhook-id` of each of its tries. */
  readonly id: string;
  readonly keyId: string;
  /** Null where a job named the address. */
  readonly webhookId: string | null;
  /** Null of alerts. */
  readonly jobId: string | null;
  readonly type: WebhookEvent;
  readonly url: string;
  readonly state: DeliveryState;
  readonly tries: number;
  readonly createdAt: Date;
  readonly triedAt: Date | null;
  /** Of one that waits. */
  readonly nextTryAt: Date | null;
  /** What the last try was answered; null where there was no answer. */
  readonly status: number | null;
  /** Why the last try did not deliver it. */
  readonly failure: string | null;
}

export interface DeliveryFilter {
  /** Only the key's own. */
  readonly keyId?: string | undefined;
  readonly webhook?: string | undefined;
  readonly job?: string | undefined;
  readonly state?: DeliveryState | undefined;
  /** The id of the last one of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The newest first: ids are UUIDv7. */
export async function listDeliveries(db: Database, filter: DeliveryFilter): Promise<WebhookDelivery[]> {
  let query = db.selectFrom("webhook_deliveries").selectAll().orderBy("id", "desc").limit(filter.limit);
  if (filter.keyId !== undefined) query = query.where("key_id", "=", filter.keyId);
  if (filter.webhook !== undefined) query = query.where("webhook_id", "=", filter.webhook);
  if (filter.job !== undefined) query = query.where("job_id", "=", filter.job);
  if (filter.before !== undefined) query = query.where("id", "<", filter.before);
  if (filter.state !== undefined) query = inState(query, filter.state);
  return (await query.execute()).map(toDelivery);
}

type Query = SelectQueryBuilder<Schema, "webhook_deliveries", Selectable<WebhookDeliveriesTable>>;

function inState(query: Query, state: DeliveryState): Query {
  if (state === "waiting") return query.where("ended_at", "is", null);
  return query.where("ended_at", "is not", null).where("delivered", "=", state === "delivered");
}

/** One of them; only the key's own when a key is given. */
export async function getDelivery(
  db: Database,
  id: string,
  keyId?: string,
): Promise<WebhookDelivery | undefined> {
  let query = db.selectFrom("webhook_deliveries").selectAll().where("id", "=", id);
  if (keyId !== undefined) query = query.where("key_id", "=", keyId);
  const row = await query.executeTakeFirst();
  return row && toDelivery(row);
}

/** Sends a message again, under the same id, for another day; one that waits is tried at once. */
export async function replayDelivery(db: Database, id: string): Promise<WebhookDelivery | undefined> {
  const now = sql<Date>`now()`;
  const row = await db
    .updateTable("webhook_deliveries")
    .set({ begun_at: now, due_at: now, ended_at: null, delivered: false, tries: 0, failure: null })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row && toDelivery(row);
}

function toDelivery(row: Selectable<WebhookDeliveriesTable>): WebhookDelivery {
  const { id, type, url, tries, status, failure } = row;
  const state = row.ended_at === null ? "waiting" : row.delivered ? "delivered" : "failed";
  return {
    ...{ id, keyId: row.key_id, webhookId: row.webhook_id, jobId: row.job_id, type, url, state, tries },
    ...{ createdAt: row.created_at, triedAt: row.tried_at },
    nextTryAt: state === "waiting" ? row.due_at : null,
    ...{ status, failure },
  };
}
