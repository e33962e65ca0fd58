import { type Kysely, sql } from "kysely";

/** What keys may do and until when, sessions of browsers, the day's pages of a key, and what operators did. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `alter table keys
     add column read_only boolean not null default false,
     -- The key whose jobs this one sees, in place of its own.
     add column owner_id uuid references keys,
     add column expires_at timestamptz,
     add column last_used_at timestamptz,
     add constraint owned_keys_only_read check (owner_id is null or read_only)`,
  `create index keys_of_owner on keys (owner_id) where owner_id is not null`,

  `create table sessions (
     hash bytea primary key,
     key_id uuid not null references keys,
     created_at timestamptz not null default now(),
     expires_at timestamptz not null
   )`,
  `create index sessions_by_end on sessions (expires_at)`,

  // What a key's jobs of a day may visit at most: its row is the lock of its submissions.
  `create table page_budgets (
     key_id uuid primary key references keys,
     day date not null,
     pages integer not null
   )`,
  `create index jobs_of_key_by_day on jobs (key_id, created_at)`,

  `create table audit (
     id bigint primary key generated always as identity,
     at timestamptz not null default now(),
     -- Null for what was done at the database itself.
     key_id uuid references keys,
     actor text not null,
     action text not null,
     target text not null,
     detail jsonb not null default '{}',
     request text,
     -- Null while it is under way, and for ever where the process ended in between.
     outcome text
   )`,
];
