import { type Kysely, sql } from "kysely";

/** Alerts, what is to be told of them, and the key of the fleet's own health checks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create table alerts (
     id uuid primary key,
     name text not null,
     -- Which region, which channel; empty where there is only one.
     subject text not null,
     severity text not null,
     -- As it was last told.
     reading double precision not null,
     threshold double precision not null,
     detail text not null,
     fired_at timestamptz not null default now(),
     told_at timestamptz not null default now(),
     resolved_at timestamptz
   )`,
  // Two leaders may believe to lead for a moment; an alert fires once.
  `create unique index alerts_firing on alerts (name, subject) where resolved_at is null`,

  // In the order of their ids each channel is told.
  `create table alert_messages (
     id bigint primary key generated always as identity,
     alert_id uuid not null references alerts on delete cascade,
     channel text not null,
     body jsonb not null,
     tries integer not null default 0,
     due_at timestamptz not null default now(),
     failure text,
     ended_at timestamptz,
     delivered boolean not null default false
   )`,
  `create index alert_messages_open on alert_messages (channel, id) where ended_at is null`,
  `create index alert_messages_of_channel on alert_messages (channel, id)`,
  `create index alert_messages_of_alert on alert_messages (alert_id)`,

  // The jobs of the canary belong to a key of their own, whose secret nobody has.
  `insert into keys (id, name, plan, hash) values
     ('00000000-0000-7000-8000-000000000002', 'canary', 'operator', uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))`,
];
