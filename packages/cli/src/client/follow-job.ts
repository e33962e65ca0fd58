import { setTimeout as delay } from "node:timers/promises";
import { isEnded } from "@bee/core";
import type { ApiClient } from "./api-client.ts";
import { Pace } from "./pace.ts";
import { donePages, type Progress } from "./progress.ts";
import { untilAnswered } from "./until-answered.ts";
import { JOB_FIELDS, type WireJob } from "./wire.ts";

const POLL_MS = 500;

export interface FollowOptions {
  readonly api: ApiClient;
  readonly job: WireJob;
  /** Ends the following, not the job. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Watches a job to its end, through short absences of the API.
 * @returns the job as it ended; null when the signal came first.
 * @throws what the API says when it says no, or stays away.
 */
export async function followJob({
  api,
  job: first,
  signal,
  onProgress,
}: FollowOptions): Promise<WireJob | null> {
  const pace = new Pace();
  for (let job = first; !signal.aborted; await pause(signal)) {
    const seen = job;
    const onAway = () => onProgress({ job: seen, perSecond: null, away: true });
    try {
      job = await untilAnswered(() => api.get(`/v1/jobs/${seen.id}`, JOB_FIELDS, signal), { onAway, signal });
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
    pace.add(donePages(job), performance.now());
    onProgress({ job, perSecond: pace.perSecond, away: false });
    if (isEnded(job.status)) return job;
  }
  return null;
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(POLL_MS, undefined, { signal }).catch(() => {});
}
