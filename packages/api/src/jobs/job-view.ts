import {
  CACHE_RESULTS,
  type CacheResult,
  type DomainClosed,
  etaSeconds,
  explainWaiting,
  isEnded,
  type JobCounts,
  type JobOptions,
  type JobStatus,
  jobRate,
  OUTCOMES,
  type Outcome,
  type TaskState,
  type Tier,
  type Waiting,
  withZeros,
} from "@bee/core";
import { type DomainJob, type Job, NO_OUTLOOK, type Outlook, type Tallies } from "@bee/store";

/** A job as callers see it. */
export interface JobView {
  readonly id: string;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly status: JobStatus;
  readonly region: string;
  readonly class: string;
  /** Why it goes there; null of jobs from before there were several regions. */
  readonly routing: string | null;
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
  /** Null unless the job runs: of others it cannot be known. */
  readonly etaSeconds: number | null;
  readonly warnings: readonly string[];
  readonly options: JobOptions;
  /** The schedule that started it. */
  readonly scheduleId: string | null;
}

/** What a job's row does not know. */
export interface JobFacts {
  readonly tallies: Tallies;
  readonly outlook: Outlook;
  /** The other jobs of its domain that have pages to be visited. */
  readonly others: readonly DomainJob[];
  /** Where the tasks of its released pages are; those left out are taken to be under way. */
  readonly tasks: readonly TaskState[];
  /** Released pages that were visited before. */
  readonly begunAnew: number;
  /** The task that finds the job's pages; null when they are all known. */
  readonly expansion: TaskState | null;
  readonly liveWorkers: number;
  /** What closed its domain; null where nothing did, or nobody asked. */
  readonly closedBecause: string | null;
}

/** The facts of a job that has just been stored. */
export const NO_FACTS: JobFacts = {
  tallies: { outcomes: {}, cache: {} },
  outlook: NO_OUTLOOK,
  others: [],
  tasks: [],
  begunAnew: 0,
  expansion: "queued",
  liveWorkers: 0,
  closedBecause: null,
};

export function toJobView(job: Job, facts: JobFacts): JobView {
  const { id, url, domain, tier, status, region, workerClass, routing } = job;
  const { createdAt, startedAt, finishedAt } = job;
  const eta = etaOf(job, facts);
  return {
    ...{
      id,
      url,
      domain,
      tier,
      status,
      region,
      class: workerClass,
      routing,
      createdAt,
      startedAt,
      finishedAt,
    },
    failure: job.failure,
    counts: job.counts,
    outcomes: withZeros(OUTCOMES, facts.tallies.outcomes),
    cache: withZeros(CACHE_RESULTS, facts.tallies.cache),
    rate: jobRate(job),
    waiting: waitingOf(job, facts, eta),
    etaSeconds: eta,
    warnings: job.warnings,
    options: job.options,
    scheduleId: job.scheduleId,
  };
}

function waitingOf(job: Job, facts: JobFacts, eta: number | null): Waiting[] {
  const { readAt } = job;
  const { outlook, tasks, expansion, liveWorkers } = facts;
  return explainWaiting({
    status: job.domainPaused && !isEnded(job.status) ? "paused" : job.status,
    expansion,
    pending: job.counts.pending,
    proofs: outlook.proofs,
    retries: outlook.retries,
    tasks,
    closed: closedOf(job, facts),
    crawlDelayed: isCrawlDelayed(job),
    paceUntil: eta === null ? turnsEnd(job) : new Date(readAt.getTime() + 1_000 * eta),
    liveWorkers,
  });
}

function closedOf(job: Job, { closedBecause: because }: JobFacts): DomainClosed | null {
  const { closedReason: reason, closedUntil: until } = job;
  if (!isDomainClosed(job)) return null;
  return { reason: reason!, until: until!, ...(because === null ? {} : { because }) };
}

/** Whether the job's domain gets no requests at the moment. */
export function isDomainClosed({ closedReason, closedUntil, readAt }: Job): boolean {
  return closedReason !== null && closedUntil !== null && closedUntil > readAt;
}

function isCrawlDelayed({ crawlDelay, rule }: Job): boolean {
  return crawlDelay !== null && rule.requestsPerSecond === 1 / crawlDelay;
}

/** Where a long Crawl-delay holds up the sitemaps, too: when the requests that have a turn already have had it. */
function turnsEnd(job: Job): Date | null {
  const { nextAt, readAt } = job;
  return isCrawlDelayed(job) && nextAt !== null && nextAt > readAt ? nextAt : null;
}

function etaOf(job: Job, { outlook, others, begunAnew, liveWorkers }: JobFacts): number | null {
  if (job.status !== "running" || job.domainPaused || liveWorkers === 0) return null;
  const { counts, tier, visits, rule, wayBack } = job;
  const until = (moment: Date | null) => Math.max(0, (moment?.getTime() ?? 0) - job.readAt.getTime());
  return etaSeconds({
    job: {
      tier,
      proves: job.options.verify === "all",
      open: counts.pending + counts.released,
      begun: outlook.begun + begunAnew,
      finished: counts.succeeded + counts.failed,
      visits,
    },
    others: others.map((other) => ({ ...other, begun: 0 })),
    answers: outlook.answers,
    rule,
    wayBack,
    closedForMs: until(job.closedUntil),
    nextInMs: until(job.nextAt),
    released: job.domainReleased,
    dueInMs: Math.max(until(outlook.proofs.until), until(outlook.retries.until)),
  });
}
