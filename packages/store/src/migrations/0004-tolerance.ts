import { type Kysely, sql } from "kysely";

/** What a domain's answers say of the pace that it bears; the law of it is core's, and no query looks inside. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table domains add column tolerance jsonb`.execute(db);
}
