import { type Kysely, sql } from "kysely";

/** robots.txt: who fetches it for the fleet, and what it asks of its domain. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  // While an origin's file is fetched for the first time, there is a row without a record.
  `alter table robots
     alter column record drop not null,
     add column domain text,
     add column crawl_delay float8,
     add column fetching_until timestamptz`,
  `create index robots_by_domain on robots (domain)`,
];
