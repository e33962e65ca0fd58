import { type Kysely, sql } from "kysely";

/** Who is told what by webhooks, and what was told and is to be told. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table webhooks (
     id uuid primary key,
     key_id uuid not null references keys,
     url text not null,
     events text[] not null,
     -- In clear: who signs must know it.
     secret text not null,
     created_at timestamptz not null default now(),
     -- Tries in a row that it did not take, and what came of the last.
     failures integer not null default 0,
     failure text,
     disabled_at timestamptz
   )`,
  `create index webhooks_of_key on webhooks (key_id, id)`,
  `create index webhooks_failing on webhooks (id) where failures > 0`,

  // What is sent to the addresses that jobs name is signed with the secret of the job's key.
  `create table webhook_secrets (
     key_id uuid primary key references keys,
     secret text not null,
     created_at timestamptz not null default now()
   )`,

  `create table webhook_deliveries (
     id uuid primary key,
     key_id uuid not null references keys,
     -- Null where a job named the address.
     webhook_id uuid references webhooks on delete cascade,
     -- Null of alerts. Jobs that are forgotten are told no less.
     job_id uuid,
     -- Whoever is slow or fails holds up what is for the same receiver only.
     receiver text not null,
     url text not null,
     type text not null,
     -- The bytes that are signed, the same at each try.
     body text not null,
     created_at timestamptz not null default now(),
     -- Its day begins here: when it was written, or ordered again.
     begun_at timestamptz not null default now(),
     due_at timestamptz not null default now(),
     tried_at timestamptz,
     tries integer not null default 0,
     status integer,
     failure text,
     ended_at timestamptz,
     delivered boolean not null default false
   )`,
  `create index webhook_deliveries_open on webhook_deliveries (receiver, due_at) where ended_at is null`,
  `create index webhook_deliveries_waiting on webhook_deliveries (id) where ended_at is null`,
  `create index webhook_deliveries_failed on webhook_deliveries (id) where ended_at is not null and not delivered`,
  `create index webhook_deliveries_of_key on webhook_deliveries (key_id, id)`,
  `create index webhook_deliveries_of_webhook on webhook_deliveries (webhook_id, id)`,
  `create index webhook_deliveries_of_job on webhook_deliveries (job_id, id)`,
  `create index webhook_deliveries_by_age on webhook_deliveries (created_at)`,
];
