import { createHash, randomBytes } from "node:crypto";
import { BeeError, type Plan, show } from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database, Tx } from "./database.ts";

/** Who a request comes from. */
export interface Key {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
  /** It may look at everything that its plan may see, and change nothing. */
  readonly readOnly: boolean;
  /** The key whose jobs it sees in place of its own. */
  readonly ownerId: string | null;
}

/** A key with its history, as those see it who manage keys. Of its secret nothing is left to show. */
export interface KeyRecord extends Key {
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** What a key may be less than its plan allows. */
export interface KeyBounds {
  readonly readOnly?: boolean | undefined;
  readonly ownerId?: string | null | undefined;
  readonly expiresAt?: Date | null | undefined;
}

/** The operator's key from the configuration; one row, whatever its value, so that jobs can refer to it. */
export const ADMIN_KEY_ID = "00000000-0000-7000-8000-000000000001";

/** A secret to be shown once: 256 random bits. */
export function generateSecret(): string {
  return `bee_${randomBytes(32).toString("base64url")}`;
}

/** Secrets are random, so a fast hash is enough: there is nothing to guess from it. */
export function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** A row of `keys` that opens the door. */
export const IS_VALID = sql<boolean>`keys.revoked_at is null and (keys.expires_at is null or keys.expires_at > now())`;

/** That a key was used is written at most this often: a busy key must not cost a write with each request. */
const NOTICE = sql`interval '1 minute'`;
export const IS_UNNOTICED = sql<boolean>`coalesce(keys.last_used_at < now() - ${NOTICE}, true)`;

/**
 * Makes a key. Only its hash is stored: @returns the secret, which cannot be shown again.
 * @throws BeeError `invalid-request` where the owner is no key.
 */
export async function createKey(
  db: Database,
  name: string,
  plan: Plan,
  { readOnly = false, ownerId = null, expiresAt = null }: KeyBounds = {},
): Promise<{ key: KeyRecord; secret: string }> {
  if (ownerId !== null && (await getKey(db, ownerId)) === undefined) {
    throw new BeeError("invalid-request", `expected the id of a key as its owner, got ${show(ownerId)}`);
  }
  const secret = generateSecret();
  const row = await db
    .insertInto("keys")
    .values({
      ...{ id: uuidv7(), name, plan, hash: hashOf(secret) },
      ...{ read_only: readOnly, owner_id: ownerId, expires_at: expiresAt },
    })
    .returning(RECORD)
    .executeTakeFirstOrThrow();
  return { key: row, secret };
}

/** The key that a secret belongs to, unless it was revoked or has expired; that it was used is noticed. */
export async function findKey(db: Database, secret: string): Promise<Key | undefined> {
  const row = await db
    .selectFrom("keys")
    .select([...KEY, IS_UNNOTICED.as("unnoticed")])
    .where("hash", "=", hashOf(secret))
    .where(IS_VALID)
    .executeTakeFirst();
  return row && noticed(db, row);
}

/** Writes down that a key was used, where that is due. */
export async function noticed(
  db: Database,
  { unnoticed, ...key }: Key & { readonly unnoticed: boolean },
): Promise<Key> {
  if (unnoticed) {
    // Of many requests at once one writes.
    await sql`update keys set last_used_at = now() where id = ${key.id} and ${IS_UNNOTICED}`.execute(db);
  }
  return key;
}

const KEY = [
  "keys.id",
  "keys.name",
  "keys.plan",
  "keys.read_only as readOnly",
  "keys.owner_id as ownerId",
] as const;
const RECORD = [
  ...KEY,
  "keys.created_at as createdAt",
  "keys.expires_at as expiresAt",
  "keys.last_used_at as lastUsedAt",
  "keys.revoked_at as revokedAt",
] as const;

export { KEY as KEY_COLUMNS };

export function getKey(db: Database | Tx, id: string): Promise<KeyRecord | undefined> {
  return db.selectFrom("keys").select(RECORD).where("id", "=", id).executeTakeFirst();
}

/** All keys, the newest first: their ids are UUIDv7. */
export function listKeys(
  db: Database,
  { before, limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<KeyRecord[]> {
  let query = db.selectFrom("keys").select(RECORD).orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  return query.execute();
}

/** Those of these keys that still open the door. */
export async function liveKeys(db: Database, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await db.selectFrom("keys").select("id").where("id", "in", ids).where(IS_VALID).execute();
  return new Set(rows.map(({ id }) => id));
}

/**
 * Ends a key, those that read its jobs, and all their sessions; repeated, it changes nothing.
 * @throws BeeError `conflict` for the key of the configuration, which the next start would accept again.
 */
export async function revokeKey(db: Database, id: string): Promise<KeyRecord | undefined> {
  if (id === ADMIN_KEY_ID) {
    const advice = "set another BEE_ADMIN_KEY, or remove the file admin-key, and restart the API";
    throw new BeeError(
      "conflict",
      `expected a key that was created, got the one of the configuration; ${advice}`,
    );
  }
  return db.transaction().execute(async (tx) => {
    await sql`
      with ended as (
        update keys set revoked_at = coalesce(revoked_at, now()) where id = ${id} or owner_id = ${id} returning id
      )
      delete from sessions where key_id in (select id from ended)`.execute(tx);
    return getKey(tx, id);
  });
}

/** Accepts the configured operator key, and no longer the one that was configured before. */
export async function acceptAdminKey(db: Database, secret: string): Promise<void> {
  const hash = hashOf(secret);
  await sql`
    with accepted as (
      insert into keys (id, name, plan, hash) values (${ADMIN_KEY_ID}, 'admin', 'operator', ${hash})
      on conflict (id) do update set hash = ${hash}, revoked_at = null
    )
    -- The sessions of the key before end with it.
    delete from sessions where key_id in (select id from keys where id = ${ADMIN_KEY_ID} and hash <> ${hash})`.execute(
    db,
  );
}
