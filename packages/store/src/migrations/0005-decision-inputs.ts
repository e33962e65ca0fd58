import type { Kysely } from "kysely";

/** What a decision of the scaler was made by. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("decisions").addColumn("inputs", "jsonb").execute();
}
