import { sql } from "kysely";
import type { Database } from "./database.ts";
import { generateSecret, hashOf, IS_UNNOTICED, IS_VALID, KEY_COLUMNS, type Key, noticed } from "./keys.ts";

/** A browser is signed in for so long; then it shows its key again. */
const SESSION_DAYS = 7;

export interface Session {
  /** What the browser keeps; only its hash is stored. */
  readonly secret: string;
  readonly expiresAt: Date;
}

/** Signs a key's browser in, and clears away the sessions that have ended by themselves. */
export async function beginSession(db: Database, keyId: string): Promise<Session> {
  const secret = generateSecret();
  const { rows } = await sql<{ expiresAt: Date }>`
    with ended as (delete from sessions where expires_at <= now())
    insert into sessions (hash, key_id, expires_at)
    select ${hashOf(secret)}, id, least(now() + make_interval(days => ${SESSION_DAYS}::int), expires_at)
    from keys where id = ${keyId}
    returning expires_at as "expiresAt"`.execute(db);
  return { secret, expiresAt: rows[0]!.expiresAt };
}

/** The key of whom a session is, as long as both hold. */
export async function findSession(db: Database, secret: string): Promise<Key | undefined> {
  const row = await db
    .selectFrom("sessions")
    .innerJoin("keys", "keys.id", "sessions.key_id")
    .select([...KEY_COLUMNS, IS_UNNOTICED.as("unnoticed")])
    .where("sessions.hash", "=", hashOf(secret))
    .where("sessions.expires_at", ">", sql<Date>`now()`)
    .where(IS_VALID)
    .executeTakeFirst();
  return row && noticed(db, row);
}

export async function endSession(db: Database, secret: string): Promise<void> {
  await db.deleteFrom("sessions").where("hash", "=", hashOf(secret)).execute();
}
