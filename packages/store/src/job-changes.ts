import { HEALTH_DOMAIN, type JobCounts, type JobStatus, type Tier } from "@bee/core";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";

/** A job as lists follow it, and its owner. */
export interface JobChange {
  readonly id: string;
  readonly keyId: string;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly status: JobStatus;
  readonly region: string;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly failure: string | null;
  readonly counts: JobCounts;
  /** The transaction that changed it last, as its row says: without the epoch. */
  readonly version: number;
}

/** Which jobs are looked at; all of them costs a pass over the table. */
export type ChangedAmong =
  | { readonly all: true }
  | {
      readonly all: false;
      /** Beside those that are active. */
      readonly jobs: readonly string[];
      /** Those with a higher id, too. */
      readonly after: string;
    };

export interface JobChanges {
  /** All transactions before it are in this read or in one before. */
  readonly position: string;
  readonly jobs: readonly JobChange[];
}

/** More changes than this since one position: who is so far behind does better to read the list anew. */
export const MOST_CHANGES = 2_000;

/** Versions are compared within half of the 2^32 numbers that transactions have, as Postgres does it. */
const HALF = 2 ** 31;

/**
 * The jobs that were changed at a position or later, and the position to go on from. A position is the oldest
 * transaction that was still under way: whatever commits later is no older, so no change is passed over, however long
 * its transaction took. A change may be read twice. The fleet's checks of itself are not told of: one begins every 30 s.
 * @param since a position that was read before; null to begin.
 */
export async function readJobChanges(
  db: Database,
  since: string | null,
  among: ChangedAmong,
): Promise<JobChanges> {
  const changed = since === null ? sql`false` : isChanged(since);
  const { rows } = await sql<{ position: string } & { [K in keyof Row]: Row[K] | null }>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as position, changed.* from (select) one
    left join (
      select j.id, j.key_id, j.url, d.name as domain, j.tier, j.status, j.region, j.created_at, j.started_at,
        j.finished_at, j.failure, j.total, j.pending, j.released, j.succeeded, j.failed, j.skipped, j.cancelled,
        j.xmin::text::bigint::float8 as version
      from jobs j join domains d on d.id = j.domain_id
      where (${whichOf(among)}) and ${changed} and d.name <> ${HEALTH_DOMAIN}
      limit ${MOST_CHANGES + 1}
    ) changed on true`.execute(db);
  const jobs = rows.filter(({ id }) => id !== null).map((row) => toChange(row as Row));
  return { position: rows[0]!.position, jobs };
}

/** Whether a version is of a transaction at or after a position. */
export function isSince({ version }: JobChange, position: string): boolean {
  const low = Number(BigInt(position) % 2n ** 32n);
  return (version - low + 2 * HALF) % (2 * HALF) < HALF;
}

/** Whether a position may have been read from this database, and not too long ago to be compared with. */
export function isComparable(position: string, now: string): boolean {
  const behind = BigInt(now) - BigInt(position);
  return behind >= 0n && behind < BigInt(HALF);
}

interface Row extends JobCounts {
  readonly id: string;
  readonly key_id: string;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly status: JobStatus;
  readonly region: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly failure: string | null;
  readonly version: number;
}

function isChanged(since: string): RawBuilder<boolean> {
  const low = String(BigInt(since) % 2n ** 32n);
  return sql`(j.xmin::text::bigint - ${low}::bigint + 4294967296) % 4294967296 < ${HALF}::bigint`;
}

function whichOf(among: ChangedAmong): RawBuilder<boolean> {
  if (among.all) return sql`true`;
  // Three small looks, each at an index of its own.
  return sql`j.id in (
    select id from jobs where status in ('pending', 'expanding', 'running', 'paused')
    union select unnest(${[...among.jobs]}::uuid[])
    union select id from jobs where id > ${among.after}::uuid)`;
}

function toChange(row: Row): JobChange {
  const { id, url, domain, tier, status, region, failure, version } = row;
  const { total, pending, released, succeeded, failed, skipped, cancelled } = row;
  return {
    ...{ id, url, domain, tier, status, region, failure, version },
    keyId: row.key_id,
    createdAt: row.created_at,
    startedAt: row.started_at,
    finishedAt: row.finished_at,
    counts: { total, pending, released, succeeded, failed, skipped, cancelled },
  };
}
