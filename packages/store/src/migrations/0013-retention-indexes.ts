import { type Kysely, sql } from "kysely";

/** What is forgotten is looked for every minute: not by reading all that is kept. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create index decisions_by_age on decisions (at)`.execute(db);
  await sql`create index robots_by_age on robots (expires_at)`.execute(db);
}
