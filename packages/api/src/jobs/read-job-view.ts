import { isEnded, type TaskState } from "@bee/core";
import { expandId, readCause, visitId, workersOf } from "@bee/queue";
import { atOneMoment, getJob, getJobs, type Job, listOpenVisits, type OpenVisit } from "@bee/store";
import type { Parts } from "../parts.ts";
import { isDomainClosed, type JobFacts, type JobView, toJobView } from "./job-view.ts";
import { listWorkers, readFacts, unlessAway } from "./read-job-views.ts";

/** Shows one job with all that is known of it: also where the tasks of its released pages are. */
export async function readJobView(parts: Parts, id: string): Promise<JobView> {
  return (await readWholeJobViews(parts, [id]))[0]!;
}

/** Shows jobs with all that is known of them, with one read of Postgres of each kind. */
export async function readWholeJobViews(parts: Parts, ids: readonly string[]): Promise<JobView[]> {
  const { jobs, facts, visits } = await atOneMoment(parts.db, async (tx) => {
    const jobs = await getJobs(tx, ids);
    const facts = await readFacts(tx, jobs);
    const begun = jobs.filter(({ counts }) => counts.released > 0).map(({ id }) => id);
    return { jobs, facts, visits: Map.groupBy(await listOpenVisits(tx, begun), ({ job }) => job) };
  });
  const [workers, found] = await Promise.all([
    listWorkers(parts),
    Promise.all(jobs.map((job, i) => findTasks(parts, job, facts[i]!, visits.get(job.id) ?? []))),
  ]);
  return jobs.map((job, i) =>
    toJobView(job, { ...facts[i]!, ...found[i]!, liveWorkers: workersOf(job, workers).length }),
  );
}

async function findTasks(
  parts: Parts,
  job: Job,
  facts: JobFacts,
  visits: readonly OpenVisit[],
): Promise<Pick<JobFacts, "tasks" | "begunAnew" | "expansion" | "closedBecause">> {
  const [tasks, expansion, closedBecause] = await Promise.all([
    findVisits(parts, job, visits),
    findExpansion(parts, job, facts),
    findCause(parts, job),
  ]);
  return { tasks, begunAnew: visits.filter(({ begun }) => begun).length, expansion, closedBecause };
}

/** Where the tasks of a job's released pages are. */
async function findVisits(
  parts: Parts,
  job: Job,
  visits: readonly OpenVisit[],
): Promise<readonly TaskState[]> {
  const states = await statesOf(parts, job, visits.map(taskOf));
  if (!states.includes("missing")) return states;
  // Postgres and Redis were not asked at the same moment: a visit may have ended in between.
  const still = new Set((await listOpenVisits(parts.db, [job.id])).map(taskOf));
  return visits.map((visit, i) => {
    if (states[i] !== "missing") return states[i]!;
    if (!still.has(taskOf(visit))) return "running";
    return visit.justReleased ? "queued" : "missing";
  });
}

async function findExpansion(parts: Parts, job: Job, facts: JobFacts): Promise<TaskState | null> {
  if (facts.expansion === null) return null;
  const [state] = await statesOf(parts, job, [expandId(job.id)]);
  if (facts.expansion !== "running" || state !== "missing") return state!;
  // As with visits: it may have ended, or been handed back, since Postgres was asked.
  const now = await getJob(parts.db, job.id);
  if (now?.status !== "expanding" || (isDomainClosed(now) && !isDomainClosed(job))) return "running";
  // The domain has just opened: whoever looks at it first puts the expansion on its way again.
  if (now.closedReason !== null) return "queued";
  // One that has begun and has no task any more waits to be put on its way again.
  return "abandoned";
}

async function findCause(parts: Parts, job: Job): Promise<string | null> {
  const { domain, closedReason, status } = job;
  if (isEnded(status) || closedReason === null || !isDomainClosed(job)) return null;
  return unlessAway(parts, null, () => readCause(parts.redis, domain, closedReason));
}

const taskOf = ({ page, lease }: OpenVisit) => visitId(page, lease);

async function statesOf(parts: Parts, job: Job, ids: readonly string[]): Promise<readonly TaskState[]> {
  // Without Redis no worker is seen either, and all wait for one, wherever they are.
  const unknown = ids.map(() => "queued" as const);
  return unlessAway<readonly TaskState[]>(parts, unknown, () =>
    parts.queues.of(job).statesOf(ids.map((id) => ({ id, tier: job.tier }))),
  );
}
