import { isEnded, messageOf, type TaskState, within } from "@bee/core";
import { type WorkerReport, workersOf } from "@bee/queue";
import {
  type Database,
  type Job,
  listDomainJobs,
  NO_OUTLOOK,
  readOutlooks,
  readTallies,
  type Tx,
} from "@bee/store";
import type { Parts } from "../parts.ts";
import { type JobFacts, type JobView, NO_FACTS, toJobView } from "./job-view.ts";

/** A job can be shown without Redis; it must not wait long for it. */
const REDIS_MS = 500;

/**
 * Shows jobs, with one read of each kind for all of them. Their tasks are not looked for: released pages are taken to
 * be under way, and an expansion once it has begun.
 */
export async function readJobViews(parts: Parts, jobs: readonly Job[]): Promise<JobView[]> {
  const [facts, workers] = await Promise.all([
    readFacts(parts.db, jobs),
    jobs.every(({ status }) => isEnded(status)) ? [] : listWorkers(parts),
  ]);
  return jobs.map((job, i) => toJobView(job, { ...facts[i]!, liveWorkers: workersOf(job, workers).length }));
}

/** What Postgres knows of jobs beside their rows. */
export async function readFacts(db: Database | Tx, jobs: readonly Job[]): Promise<JobFacts[]> {
  // A job without pages, such as a new one, costs no read at all.
  const begun = jobs.filter((job) => job.counts.total > 0);
  const open = begun.filter((job) => job.counts.pending + job.counts.released > 0);
  const ids = (of: readonly Job[]) => of.map(({ id }) => id);
  // One after the other: a transaction has one connection.
  const tallies = await readTallies(db, ids(begun));
  const outlooks = await readOutlooks(db, ids(open));
  const domainJobs = await listDomainJobs(db, [...new Set(open.map(({ domainId }) => domainId))]);
  return jobs.map((job) => ({
    ...NO_FACTS,
    tallies: tallies.get(job.id) ?? NO_FACTS.tallies,
    outlook: outlooks.get(job.id) ?? NO_OUTLOOK,
    others: domainJobs.filter(({ id, domainId }) => domainId === job.domainId && id !== job.id),
    expansion: EXPANSIONS[job.status] ?? null,
  }));
}

/** Where the task that finds a job's pages is, as far as the job's status tells. */
const EXPANSIONS: Partial<Record<Job["status"], TaskState>> = { pending: "queued", expanding: "running" };

/** Without Redis no worker gets work, so for a job that waits it is the same as if there were none. */
export async function listWorkers(parts: Parts): Promise<readonly WorkerReport[]> {
  return unlessAway(parts, [], () => parts.registry.list());
}

export async function unlessAway<T>({ log }: Parts, otherwise: T, ask: () => Promise<T>): Promise<T> {
  try {
    return await within(REDIS_MS, "Redis", ask());
  } catch (error) {
    log.warn("a job is shown without what Redis knows of it", { error: messageOf(error) });
    return otherwise;
  }
}
