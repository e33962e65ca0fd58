import { sql } from "kysely";
import type { Database } from "./database.ts";

/** The stored copy of an origin's robots.txt, still valid; shared by the whole fleet. */
export async function readRobots<T>(db: Database, origin: string): Promise<T | undefined> {
  const row = await db
    .selectFrom("robots")
    .select("record")
    .where("origin", "=", origin)
    .where("expires_at", ">", sql<Date>`now()`)
    .executeTakeFirst();
  return row?.record as T | undefined;
}

export async function saveRobots(
  db: Database,
  origin: string,
  record: unknown,
  maxAgeSeconds: number,
): Promise<void> {
  await sql`
    insert into robots (origin, record, expires_at)
    values (${origin}, ${JSON.stringify(record)}, now() + make_interval(secs => ${maxAgeSeconds}))
    on conflict (origin) do update set record = excluded.record, expires_at = excluded.expires_at`.execute(
    db,
  );
}
