import { randomBytes } from "node:crypto";
import { BeeError, type WebhookEvent } from "@bee/core";
import { type Selectable, sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "./database.ts";
import type { WebhooksTable } from "./schema.ts";

/** An address that a key has registered for events, without its secret. */
export interface Webhook {
  readonly id: string;
  readonly keyId: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly createdAt: Date;
  /** Tries in a row that it did not take. */
  readonly failures: number;
  /** What came of the last of these. */
  readonly failure: string | null;
  /** Since when nothing is sent there any more, because it did not take anything for a day or said that it is gone. */
  readonly disabledAt: Date | null;
}

/** More than anybody has use for; each is told of each job. */
export const MOST_WEBHOOKS = 20;

/** A secret as Standard Webhooks has them: 256 random bits. */
function generateWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

/**
 * Registers an address. @returns it with the secret that it is told under, which is shown in this answer only.
 * @throws BeeError `conflict` where the key has as many as it may.
 */
export async function createWebhook(
  db: Database,
  { keyId, url, events }: Pick<Webhook, "keyId" | "url" | "events">,
): Promise<{ webhook: Webhook; secret: string }> {
  const secret = generateWebhookSecret();
  return db.transaction().execute(async (tx) => {
    // Two at the same moment count each other.
    await sql`select from keys where id = ${keyId} for no key update`.execute(tx);
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from webhooks where key_id = ${keyId}`.execute(tx);
    if (rows[0]!.n >= MOST_WEBHOOKS) {
      throw new BeeError(
        "conflict",
        `expected at most ${MOST_WEBHOOKS} webhooks of a key, got one more; delete one of GET /v1/webhooks first`,
      );
    }
    const row = await tx
      .insertInto("webhooks")
      .values({ id: uuidv7(), key_id: keyId, url, events: [...new Set(events)], secret })
      .returningAll()
      .executeTakeFirstOrThrow();
    return { webhook: toWebhook(row), secret };
  });
}

export interface WebhookFilter {
  /** Only the key's own. */
  readonly keyId?: string | undefined;
  /** The id of the last one of the page before. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** The newest first. */
export async function listWebhooks(
  db: Database,
  { keyId, before, limit }: WebhookFilter,
): Promise<Webhook[]> {
  let query = db.selectFrom("webhooks").selectAll().orderBy("id", "desc").limit(limit);
  if (keyId !== undefined) query = query.where("key_id", "=", keyId);
  if (before !== undefined) query = query.where("id", "<", before);
  return (await query.execute()).map(toWebhook);
}

/** One of them; only the key's own when a key is given. */
export async function getWebhook(db: Database, id: string, keyId?: string): Promise<Webhook | undefined> {
  let query = db.selectFrom("webhooks").selectAll().where("id", "=", id);
  if (keyId !== undefined) query = query.where("key_id", "=", keyId);
  const row = await query.executeTakeFirst();
  return row && toWebhook(row);
}

/** Forgets an address and what was told it; a message that is on its way may still come there. */
export async function deleteWebhook(db: Database, id: string): Promise<void> {
  await db.deleteFrom("webhooks").where("id", "=", id).execute();
}

/** What happens from now on is told there again; what it missed stays to be ordered. */
export async function enableWebhook(db: Database, id: string): Promise<Webhook | undefined> {
  const row = await db
    .updateTable("webhooks")
    .set({ disabled_at: null, failures: 0, failure: null })
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row && toWebhook(row);
}

/** What a key's jobs sign with where they name an address. */
export interface WebhookSecret {
  readonly secret: string;
  readonly createdAt: Date;
}

/** The signing secret of a key, made when it is first asked for. */
export async function readWebhookSecret(db: Database, keyId: string): Promise<WebhookSecret> {
  await sql`insert into webhook_secrets (key_id, secret) values (${keyId}, ${generateWebhookSecret()})
    on conflict (key_id) do nothing`.execute(db);
  return db
    .selectFrom("webhook_secrets")
    .select(["secret", "created_at as createdAt"])
    .where("key_id", "=", keyId)
    .executeTakeFirstOrThrow();
}

/** Gives a key another signing secret; every try from now on is signed with it. */
export async function rotateWebhookSecret(db: Database, keyId: string): Promise<WebhookSecret> {
  const { rows } = await sql<WebhookSecret>`
    insert into webhook_secrets (key_id, secret) values (${keyId}, ${generateWebhookSecret()})
    on conflict (key_id) do update set secret = excluded.secret, created_at = now()
    returning secret, created_at as "createdAt"`.execute(db);
  return rows[0]!;
}

/** A webhook that did not take its last tries, of those that operators hear of. */
export interface FailingWebhook {
  readonly id: string;
  readonly url: string;
  readonly failures: number;
  readonly failure: string;
  readonly disabled: boolean;
}

/** Operators' own webhooks that fail, and those of users that were disabled for it within a day. */
export async function readFailingWebhooks(db: Database): Promise<FailingWebhook[]> {
  const { rows } = await sql<FailingWebhook>`
    select w.id, w.url, w.failures, w.failure, w.disabled_at is not null as disabled
    from webhooks w join keys on keys.id = w.key_id
    where w.failures > 0 and keys.revoked_at is null
      and (keys.plan = 'operator' or w.disabled_at > now() - interval '1 day')
    order by w.id`.execute(db);
  return rows;
}

function toWebhook(row: Selectable<WebhooksTable>): Webhook {
  const { id, url, events, failures, failure } = row;
  return {
    ...{ id, keyId: row.key_id, url, events, createdAt: row.created_at },
    ...{ failures, failure, disabledAt: row.disabled_at },
  };
}
