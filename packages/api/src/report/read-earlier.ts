import { type Database, findNewlyFailed, findPreviousJob, type Job, readPages } from "@bee/store";
import type { Earlier, Failed } from "./comparison.ts";
import { FAILURES, toFinding } from "./finding.ts";

/** What a job is compared with; null where the site was not checked to the end before, or too much failed to tell. */
export async function readEarlier(db: Database, job: Job): Promise<Earlier | null> {
  if (job.counts.failed > MAX_FAILED) return null;
  const previous = await findPreviousJob(db, job, MAX_FAILED);
  if (previous === undefined) return null;
  const failed = new Map<string, Failed>();
  for (const outcome of FAILURES) {
    for await (const page of readPages(db, previous.id, { outcome })) {
      failed.set(page.url, { ...toFinding(page), outcome });
    }
  }
  const wereWell = new Set(await findNewlyFailed(db, job.id, previous.id));
  return { job: previous.id, finishedAt: previous.finishedAt, failed, wereWell };
}

/** So many pages are some 50 MB while a report is made. More of them are a site that is down, not a list of changes. */
const MAX_FAILED = 100_000;
