import { type Kysely, sql } from "kysely";

/** Schedules, and what became of each time at which they were due. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table schedules (
     id uuid primary key,
     key_id uuid not null references keys,
     name text not null,
     request jsonb not null,
     plan jsonb not null,
     -- From when on an interval is counted.
     anchor_at timestamptz not null default now(),
     -- Null while it is paused.
     next_at timestamptz,
     hook_hash bytea unique,
     created_at timestamptz not null default now()
   )`,
  `create index schedules_of_key on schedules (key_id, id)`,
  `create index schedules_due on schedules (next_at) where next_at is not null`,

  `create table schedule_runs (
     id uuid primary key,
     schedule_id uuid not null references schedules on delete cascade,
     due_at timestamptz not null,
     trigger text not null,
     state text not null default 'waiting',
     reason text,
     -- The job may be forgotten before its run is.
     job_id uuid,
     -- What is due at a moment runs once, whoever believes to lead.
     unique (schedule_id, due_at)
   )`,
  `create index schedule_runs_by_id on schedule_runs (schedule_id, id)`,
  `create index schedule_runs_waiting on schedule_runs (id) where state = 'waiting'`,
  `create index schedule_runs_by_age on schedule_runs (due_at)`,

  `alter table jobs add column schedule_id uuid references schedules on delete set null`,
  `create index jobs_of_schedule on jobs (schedule_id) where schedule_id is not null`,
];
