import { type Kysely, sql } from "kysely";

/** Several fleets: which one has a job and why, and whose size a decision changed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table jobs
     add column worker_class text not null default 'general',
     -- The sentence that says why it goes to its region and class; null of jobs from before there were several.
     add column routing text`,
  `alter table decisions
     add column region text not null default 'default',
     add column worker_class text not null default 'general'`,
];
