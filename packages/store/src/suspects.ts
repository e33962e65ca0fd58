import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Of a page that a worker died with, how often its request was begun since and did not end. In Postgres, so that a
 * Redis that loses its data does not acquit it.
 */
export async function readSuspectStarts(db: Database, page: string): Promise<number> {
  const row = await db.selectFrom("pages").select("suspect_starts").where("id", "=", page).executeTakeFirst();
  return row?.suspect_starts ?? 0;
}

/** Its request begins. */
export async function noteSuspectStart(db: Database, page: string): Promise<void> {
  await sql`update pages set suspect_starts = suspect_starts + 1 where id = ${page}`.execute(db);
}

/** Its request is over, and the worker lives. */
export async function acquitSuspect(db: Database, page: string): Promise<void> {
  await sql`update pages set suspect_starts = 0 where id = ${page}`.execute(db);
}
