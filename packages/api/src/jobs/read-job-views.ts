import { messageOf, within } from "@bee/core";
import { countDelayed, type Job, readTallies } from "@bee/store";
import type { Parts } from "../parts.ts";
import { type JobView, NO_FACTS, toJobView } from "./job-view.ts";

/** A job can be shown without Redis; it must not wait long for it. */
const REGISTRY_MS = 500;

/** Shows jobs, with one read of each kind for all of them. */
export async function readJobViews(parts: Parts, jobs: readonly Job[]): Promise<JobView[]> {
  // A job without pages, such as a new one, costs no read at all.
  const begun = jobs.filter((job) => job.counts.total > 0).map((job) => job.id);
  const waiting = jobs.filter((job) => job.counts.pending > 0).map((job) => job.id);
  const [tallies, delayed, liveWorkers] = await Promise.all([
    readTallies(parts.db, begun),
    countDelayed(parts.db, waiting),
    waiting.length === 0 ? 0 : countWorkers(parts),
  ]);
  const now = Date.now();
  return jobs.map((job) =>
    toJobView(job, {
      tallies: tallies.get(job.id) ?? NO_FACTS.tallies,
      delayed: delayed.get(job.id) ?? NO_FACTS.delayed,
      liveWorkers,
      now,
    }),
  );
}

/** Without Redis no worker gets work, so for a job that waits it is the same as if there were none. */
async function countWorkers({ registry, log }: Parts): Promise<number> {
  try {
    return (await within(REGISTRY_MS, "Redis", registry.list())).length;
  } catch (error) {
    log.warn("the workers cannot be counted", { error: messageOf(error) });
    return 0;
  }
}
