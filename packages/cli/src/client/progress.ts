import type { WireJob } from "./wire.ts";

/** What is known of a job that is being followed. */
export interface Progress {
  readonly job: WireJob;
  /** Pages a second, lately; null while there is nothing to compare. */
  readonly perSecond: number | null;
  /** Whether the API has not answered the last question. */
  readonly away: boolean;
}

/** What the first few pages say of the pace is chance. */
const PAGES_THAT_TELL = 5;

/** Seconds until the job is done; null while nobody can know: its pages are not all found, or hardly any is done. */
export function secondsLeft(job: WireJob): number | null {
  const isKnown = job.status === "running" && donePages(job) >= PAGES_THAT_TELL;
  return isKnown ? job.etaSeconds : null;
}

/** Pages with an outcome of their own: what was cancelled was not done. */
export function donePages({ counts }: WireJob): number {
  return counts.succeeded + counts.failed + counts.skipped;
}
