import { type Kysely, sql } from "kysely";

/** What the fleet was like, every half minute; after a day every five minutes. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table samples (
    at timestamptz primary key,
    -- Whether it stands for several that were taken.
    rolled boolean not null default false,
    seconds double precision not null,
    workers real not null,
    desired real not null,
    busy real not null,
    usable real not null,
    critical real not null,
    high real not null,
    normal real not null,
    low real not null,
    oldest_ms real not null,
    connections real not null,
    cpu real not null,
    memory double precision not null,
    memory_share real not null,
    redis_memory double precision not null,
    visits double precision not null,
    failures double precision not null,
    p95_ms real,
    mean_ms real,
    task_ms real
  )`.execute(db);
}
