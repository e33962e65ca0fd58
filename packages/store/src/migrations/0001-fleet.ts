import { type Kysely, sql } from "kysely";

/** Keys, domains, jobs, the page frontier with its results, robots.txt copies, and the scaler's decisions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}

const STATEMENTS = [
  `create type tier as enum ('critical', 'high', 'normal', 'low')`,
  `create type job_status as enum
     ('pending', 'expanding', 'running', 'paused', 'completed', 'failed', 'cancelled')`,
  `create type page_state as enum ('pending', 'released', 'succeeded', 'failed', 'skipped', 'cancelled')`,
  `create type visit_kind as enum ('warm', 'prove')`,
  `create type outcome as enum
     ('ok', 'broken', 'blocked', 'unreachable', 'disallowed', 'skipped', 'cancelled')`,
  `create type cache_result as enum ('warmed', 'already-warm', 'uncacheable', 'unproven', 'none')`,

  `create table keys (
     id uuid primary key,
     name text not null,
     plan text not null check (plan in ('standard', 'premium', 'operator')),
     hash bytea not null unique,
     created_at timestamptz not null default now(),
     revoked_at timestamptz
   )`,

  // A domain's row is the lock of its jobs and pages: whatever changes their states holds it.
  `create table domains (
     id integer primary key generated always as identity,
     name text not null unique,
     requests_per_second double precision not null check (requests_per_second > 0),
     burst integer not null check (burst >= 1),
     concurrency integer not null check (concurrency >= 1),
     rule_source text not null check (rule_source in ('operator', 'owner', 'platform', 'default')),
     rule_revision integer not null default 1,
     crawl_delay double precision,
     slow_start boolean not null default true,
     released integer not null default 0 check (released >= 0),
     unreached integer not null default 0,
     next_at timestamptz,
     closed_until timestamptz,
     closed_reason text check (closed_reason in ('retry-after', 'circuit-open')),
     -- Counts the pages released, so that the domain's jobs can take turns.
     turn bigint not null default 0
   )`,

  `create table jobs (
     id uuid primary key,
     key_id uuid not null references keys,
     url text not null,
     domain_id integer not null references domains,
     tier tier not null,
     status job_status not null default 'pending',
     region text not null,
     options jsonb not null,
     webhook_url text,
     idempotency_key text,
     request_hash bytea,
     created_at timestamptz not null default now(),
     started_at timestamptz,
     finished_at timestamptz,
     failure text,
     warnings text[] not null default '{}',
     failed_expansions smallint not null default 0,
     -- Whether all its pages are known: what a paused job goes back to.
     expanded boolean not null default false,
     -- What is still to be done to its pages, chunk by chunk.
     sweep text check (sweep in ('cancel', 'reopen')),
     total integer not null default 0,
     pending integer not null default 0,
     released integer not null default 0,
     succeeded integer not null default 0,
     failed integer not null default 0,
     skipped integer not null default 0,
     cancelled integer not null default 0,
     visits integer not null default 0,
     -- The domain's turn when a page of this job was last released.
     turn bigint not null default 0,
     -- The promise that no page is lost or counted twice, kept by the database itself.
     constraint counts_add_up check (total = pending + released + succeeded + failed + skipped + cancelled),
     constraint counts_are_not_negative check (least(pending, released, succeeded, failed, skipped, cancelled) >= 0),
     unique (key_id, idempotency_key)
   )`,
  `create index jobs_active on jobs (status) where status in ('pending', 'expanding', 'running', 'paused')`,
  `create index jobs_of_key on jobs (key_id, id)`,
  `create index jobs_of_domain on jobs (domain_id, id)`,
  // Jobs whose pages may be released. Not `pending > 0` as well: an index on a counter would make every settled batch
  // write all indexes of the job's row.
  `create index jobs_released on jobs (domain_id) where status in ('expanding', 'running')`,
  `create index jobs_unexpanded on jobs (domain_id, tier, id) where status in ('pending', 'expanding')`,
  `create index jobs_swept on jobs (id) where sweep is not null`,

  `create table pages (
     id bigint primary key generated always as identity,
     job_id uuid not null references jobs on delete cascade,
     domain_id integer not null,
     url text not null,
     found_on text,
     state page_state not null default 'pending',
     visit visit_kind not null default 'warm',
     due_at timestamptz,
     lease integer not null default 0,
     lease_until timestamptz,
     attempts smallint not null default 0,
     hand_backs smallint not null default 0,
     suspect_starts smallint not null default 0,
     outcome outcome,
     cache cache_result,
     status smallint,
     reason text,
     edge text,
     ttfb_ms integer,
     proved_ttfb_ms integer,
     bytes bigint,
     redirects text[] not null default '{}',
     finished_at timestamptz
   )`,
  // One row per URL of a job; the digest keeps the index at 32 bytes an entry whatever the URL's length.
  `create unique index pages_of_job on pages (job_id, (md5(url)::uuid))`,
  `create index pages_list on pages (job_id, id)`,
  // The frontier of a job: its new pages by age, then those that wait for a moment of their own by that moment, so
  // that neither is looked at in search of the other.
  `create index pages_frontier on pages (job_id, due_at nulls first, id) where state = 'pending'`,
  `create index pages_findings on pages (job_id, outcome, id) where outcome <> 'ok'`,
  `create index pages_leased on pages (lease_until) where state = 'released'`,

  `create table tallies (
     job_id uuid not null references jobs on delete cascade,
     outcome outcome not null,
     cache cache_result not null,
     pages integer not null,
     primary key (job_id, outcome, cache)
   )`,

  `create table robots (
     origin text primary key,
     record jsonb not null,
     expires_at timestamptz not null
   )`,

  `create table decisions (
     id bigint primary key generated always as identity,
     at timestamptz not null default now(),
     from_workers integer not null,
     to_workers integer not null,
     reason text not null
   )`,
];
