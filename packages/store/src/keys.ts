import { createHash, randomBytes } from "node:crypto";
import type { Plan } from "@bee/core";
import { sql } from "kysely";
import { v7 as uuidv7 } from "uuid";
import type { Database } from "./database.ts";

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly plan: Plan;
}

/** The operator's key from the configuration; one row, whatever its value, so that jobs can refer to it. */
const ADMIN_KEY_ID = "00000000-0000-7000-8000-000000000001";

/** A secret to be shown once: 256 random bits. */
export function generateSecret(): string {
  return `bee_${randomBytes(32).toString("base64url")}`;
}

/** Keys are random, so a fast hash is enough: there is nothing to guess from it. */
function hashOf(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

/** Makes a key. Only its hash is stored: @returns the secret, which cannot be shown again. */
export async function createKey(
  db: Database,
  name: string,
  plan: Plan,
): Promise<{ key: Key; secret: string }> {
  const key = { id: uuidv7(), name, plan };
  const secret = generateSecret();
  await db
    .insertInto("keys")
    .values({ ...key, hash: hashOf(secret) })
    .execute();
  return { key, secret };
}

/** The key that a secret belongs to, unless it was revoked. */
export async function findKey(db: Database, secret: string): Promise<Key | undefined> {
  return db
    .selectFrom("keys")
    .select(["id", "name", "plan"])
    .where("hash", "=", hashOf(secret))
    .where("revoked_at", "is", null)
    .executeTakeFirst();
}

/** @returns false when there is no such key or it was revoked before. */
export async function revokeKey(db: Database, id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("keys")
    .set({ revoked_at: sql`now()` })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Accepts the configured operator key, and no longer the one that was configured before. */
export async function acceptAdminKey(db: Database, secret: string): Promise<void> {
  await db
    .insertInto("keys")
    .values({ id: ADMIN_KEY_ID, name: "admin", plan: "operator", hash: hashOf(secret) })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ hash: hashOf(secret), revoked_at: null }))
    .execute();
}
