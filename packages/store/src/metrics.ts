import type { ClosedReason, PerTier } from "@bee/core";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";

/** The fleet over a span of time: gauges are its mean, counts what happened in it. */
export interface Sample {
  /** The end of the span; of several samples together, its beginning. */
  readonly at: Date;
  readonly seconds: number;
  /** Workers that live, and as many as the scaler wants. */
  readonly workers: number;
  readonly desired: number;
  /** Slots that are taken, and that can be. */
  readonly busy: number;
  readonly usable: number;
  /** Runnable tasks in the queues. */
  readonly queued: PerTier<number>;
  /** Milliseconds that the oldest of them has waited. */
  readonly oldestMs: number;
  /** To Postgres. */
  readonly connections: number;
  /** Percent of what workers may use, on average. */
  readonly cpu: number;
  /** Bytes of all workers. */
  readonly memory: number;
  /** Of the worker that has the least left, 0 to 1. */
  readonly memoryShare: number;
  /** Bytes. */
  readonly redisMemory: number;
  readonly visits: number;
  readonly failures: number;
  /** What sites took to answer; of several samples together, the worst of them. Null where none was asked. */
  readonly p95Ms: number | null;
  readonly meanMs: number | null;
  /** For how long visits held their slots. */
  readonly taskMs: number | null;
}

export const HISTORY_RANGES = ["hour", "day", "week"] as const;
export type HistoryRange = (typeof HISTORY_RANGES)[number];

/** Samples older than a day are rolled up to five minutes, and gone after a week. */
const ROLLED_SECONDS = 300;

/** How far a range goes back, and how fine it is: 360 points at most. */
const RANGES: Readonly<Record<HistoryRange, { readonly seconds: number; readonly step: number }>> = {
  hour: { seconds: 3_600, step: 10 },
  day: { seconds: 86_400, step: ROLLED_SECONDS },
  week: { seconds: 604_800, step: 1_800 },
};

export async function recordSample(db: Database, sample: Omit<Sample, "at">): Promise<void> {
  const { queued, oldestMs, memoryShare, redisMemory, p95Ms, meanMs, taskMs, ...same } = sample;
  await db
    .insertInto("samples")
    .values({
      at: sql<Date>`now()`,
      ...same,
      ...queued,
      oldest_ms: oldestMs,
      memory_share: memoryShare,
      redis_memory: redisMemory,
      p95_ms: p95Ms,
      mean_ms: meanMs,
      task_ms: taskMs,
    })
    .execute();
}

/** The fleet over a range of time, the oldest first. */
export async function listHistory(db: Database, range: HistoryRange): Promise<Sample[]> {
  const { seconds, step } = RANGES[range];
  const { rows } = await sql<Row>`
    select ${together(step)} from samples where at >= ${atStep(step, sql`now() - ${span(seconds - step)}`)} group by 1 order by 1
  `.execute(db);
  return rows.map(toSample);
}

/** Rolls up what is older than a day, and drops what is older than a week; the leader's. @returns samples removed. */
export async function pruneSamples(db: Database): Promise<number> {
  const { seconds: week } = RANGES.week;
  const dropped = await sql`delete from samples where at < now() - ${span(week)}`.execute(db);
  const rolled = await sql`
    with old as (
      delete from samples where not rolled and at < ${atStep(ROLLED_SECONDS, sql`now() - ${span(86_400)}`)} returning *
    )
    insert into samples (at, rolled, ${sql.join(COLUMNS.map((column) => sql.ref(column)))})
    select at, true, ${sql.join(COLUMNS.map((column) => sql.ref(column)))}
    from (select ${together(ROLLED_SECONDS)} from old group by 1) as r
    on conflict (at) do nothing
  `.execute(db);
  return Number(dropped.numAffectedRows ?? 0) + Number(rolled.numAffectedRows ?? 0);
}

const GAUGES = [
  "workers",
  "desired",
  "busy",
  "usable",
  "critical",
  "high",
  "normal",
  "low",
  "oldest_ms",
  "connections",
  "cpu",
  "memory",
  "memory_share",
  "redis_memory",
] as const;
const COUNTS = ["seconds", "visits", "failures"] as const;
const MEANS = ["mean_ms", "task_ms"] as const;
const COLUMNS = [...GAUGES, ...COUNTS, ...MEANS, "p95_ms"] as const;

/** Several samples as one, by steps of time: what each says of a moment weighs by how long it stood for. */
function together(stepSeconds: number): RawBuilder<unknown> {
  return sql.join([
    sql`${atStep(stepSeconds, sql`at`)} as at`,
    ...GAUGES.map((name) => sql`sum(${sql.ref(name)} * seconds) / sum(seconds) as ${sql.ref(name)}`),
    ...COUNTS.map((name) => sql`sum(${sql.ref(name)}) as ${sql.ref(name)}`),
    ...MEANS.map(
      (name) => sql`sum(${sql.ref(name)} * visits)
        / nullif(sum(visits) filter (where ${sql.ref(name)} is not null), 0) as ${sql.ref(name)}`,
    ),
    sql`max(p95_ms) as p95_ms`,
  ]);
}

function span(seconds: number): RawBuilder<unknown> {
  return sql`make_interval(secs => ${sql.lit(seconds)})`;
}

/** The beginning of the step that a moment is in. */
function atStep(seconds: number, at: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`date_bin(${span(seconds)}, ${at}, 'epoch')`;
}

type Row = { readonly at: Date } & Readonly<Record<(typeof COLUMNS)[number], number>>;

function toSample(row: Row): Sample {
  const { at, critical, high, normal, low, oldest_ms, memory_share, redis_memory, ...rest } = row;
  const { p95_ms, mean_ms, task_ms, ...same } = rest;
  return {
    at,
    ...same,
    queued: { critical, high, normal, low },
    oldestMs: oldest_ms,
    memoryShare: memory_share,
    redisMemory: redis_memory,
    p95Ms: p95_ms,
    meanMs: mean_ms,
    taskMs: task_ms,
  };
}

/** Domains that get no requests for a while, by why. */
export type ClosedDomains = Readonly<Record<ClosedReason, number>>;

export async function countClosedDomains(db: Database): Promise<ClosedDomains> {
  const rows = await db
    .selectFrom("domains")
    .select((eb) => ["closed_reason", eb.fn.countAll<string>().as("domains")])
    .where("closed_until", ">", sql<Date>`now()`)
    .groupBy("closed_reason")
    .execute();
  const count = (reason: ClosedReason) =>
    Number(rows.find(({ closed_reason }) => closed_reason === reason)?.domains ?? 0);
  return { "circuit-open": count("circuit-open"), "retry-after": count("retry-after") };
}

export interface ErrorRate {
  readonly domain: string;
  /** Pages that were broken, blocked or unreachable, of those that were checked. */
  readonly failed: number;
  readonly pages: number;
}

/**
 * The domains that most pages failed of, in the jobs that were submitted within a day. The ids of jobs begin with the
 * millisecond in which they were made (UUIDv7), so those of a day are a range of the primary key.
 */
export async function listErrorRates(db: Database, limit: number): Promise<ErrorRate[]> {
  const { rows } = await sql<ErrorRate>`
    select d.name as domain, sum(j.failed)::float8 as failed, sum(j.failed + j.succeeded)::float8 as pages
    from jobs j join domains d on d.id = j.domain_id
    where j.id > ${idAt(Date.now() - DAY_MS)}::uuid
    group by d.name having sum(j.failed) > 0
    order by sum(j.failed) desc, d.name limit ${limit}`.execute(db);
  return rows;
}

const DAY_MS = 86_400_000;

/** The least id of a moment. */
function idAt(ms: number): string {
  const hex = ms.toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}
