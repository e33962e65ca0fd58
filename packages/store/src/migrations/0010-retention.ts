import { type Kysely, sql } from "kysely";

/** Ended jobs that are old enough are forgotten, chunk by chunk, as orders to large jobs are carried out. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table jobs drop constraint jobs_sweep_check,
    add constraint jobs_sweep_check check (sweep in ('cancel', 'reopen', 'forget'))`.execute(db);
  await sql`create index jobs_ended on jobs (finished_at) where finished_at is not null`.execute(db);
}
