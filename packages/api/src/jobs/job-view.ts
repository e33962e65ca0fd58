import {
  CACHE_RESULTS,
  type CacheResult,
  etaSeconds,
  explainWaiting,
  isEnded,
  type JobCounts,
  type JobOptions,
  type JobStatus,
  OUTCOMES,
  type Outcome,
  type Tier,
  type Waiting,
} from "@bee/core";
import type { DelayedPages, Job, Tallies } from "@bee/store";

/** A job as callers see it. */
export interface JobView {
  readonly id: string;
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
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly cache: Readonly<Record<CacheResult, number>>;
  /** Visited pages a second, from the job's start to its end or to now. */
  readonly rate: number;
  readonly waiting: readonly Waiting[];
  /** Null when the job has ended. */
  readonly etaSeconds: number | null;
  readonly warnings: readonly string[];
  readonly options: JobOptions;
}

/** What a job's row does not know. */
export interface JobFacts {
  readonly tallies: Tallies;
  readonly delayed: DelayedPages;
  readonly liveWorkers: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The facts of a job that has just been stored. */
export const NO_FACTS: JobFacts = {
  tallies: { outcomes: {}, cache: {} },
  delayed: { pages: 0, until: null },
  liveWorkers: 0,
  now: 0,
};

export function toJobView(job: Job, facts: JobFacts): JobView {
  const { id, url, domain, tier, status, region, createdAt, startedAt, finishedAt } = job;
  return {
    ...{ id, url, domain, tier, status, region, createdAt, startedAt, finishedAt },
    failure: job.failure,
    counts: job.counts,
    outcomes: withZeros(OUTCOMES, facts.tallies.outcomes),
    cache: withZeros(CACHE_RESULTS, facts.tallies.cache),
    rate: rateOf(job, facts.now),
    waiting: isEnded(status) ? [] : waitingOf(job, facts),
    etaSeconds: isEnded(status) ? null : etaOf(job, facts.now),
    warnings: job.warnings,
    options: job.options,
  };
}

function withZeros<K extends string>(names: readonly K[], counts: Partial<Record<K, number>>) {
  return Object.fromEntries(names.map((name) => [name, counts[name] ?? 0])) as Record<K, number>;
}

function rateOf({ counts, startedAt, finishedAt }: Job, now: number): number {
  if (startedAt === null) return 0;
  const seconds = ((finishedAt?.getTime() ?? now) - startedAt.getTime()) / 1_000;
  // Pages that robots.txt or the cap left out took no time.
  return seconds <= 0 ? 0 : Math.round((100 * (counts.succeeded + counts.failed)) / seconds) / 100;
}

function waitingOf(job: Job, { delayed, liveWorkers, now }: JobFacts): Waiting[] {
  const { closedReason: reason, closedUntil: until } = job;
  return explainWaiting({
    status: job.status,
    pending: job.counts.pending,
    delayed,
    closed: reason !== null && until !== null && until.getTime() > now ? { reason, until } : null,
    crawlDelayed: job.crawlDelay !== null && job.rule.requestsPerSecond === 1 / job.crawlDelay,
    liveWorkers,
  });
}

function etaOf({ counts, visits, rule, closedUntil }: Job, now: number): number {
  const open = counts.pending + counts.released;
  return etaSeconds({
    // Before its expansion a job knows of no page, but has at least one.
    pages: Math.max(1, open),
    finishedPages: counts.succeeded + counts.failed,
    visits,
    rule,
    closedForMs: (closedUntil?.getTime() ?? now) - now,
  });
}
