import { wellFormed } from "@bee/core";
import { sql } from "kysely";
import type { Database } from "./database.ts";

/** The fleet's copy of an origin's robots.txt. */
export interface StoredRobots {
  readonly record: unknown;
  /** Whether it may still be used without asking again. */
  readonly fresh: boolean;
}

export async function readRobots(db: Database, origin: string): Promise<StoredRobots | undefined> {
  return db
    .selectFrom("robots")
    .select(["record", sql<boolean>`expires_at > now()`.as("fresh")])
    .where("origin", "=", origin)
    .executeTakeFirst();
}

export async function saveRobots(
  db: Database,
  origin: string,
  record: unknown,
  maxAgeSeconds: number,
): Promise<void> {
  const json = JSON.stringify(record, (_, value) => (typeof value === "string" ? wellFormed(value) : value));
  await sql`
    insert into robots (origin, record, expires_at)
    values (${origin}, ${json}, now() + make_interval(secs => ${maxAgeSeconds}))
    on conflict (origin) do update set record = excluded.record, expires_at = excluded.expires_at`.execute(
    db,
  );
}
