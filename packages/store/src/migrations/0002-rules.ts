import { type Kysely, sql } from "kysely";

/** What changes a domain's rule: an operator's pause, the platform behind a domain, a premium job. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table domains
     add column paused_at timestamptz,
     -- What its answers gave away; a rule of the operator's or the owner's goes before the platform's.
     add column platform text,
     -- Whether a job of a premium key is active on it.
     add column premium boolean not null default false`,
  // Workers read it twice a second; there are never many.
  `create index domains_paused on domains (name) where paused_at is not null`,
  `create index jobs_open on jobs (domain_id) where status in ('pending', 'expanding', 'running', 'paused')`,
];
