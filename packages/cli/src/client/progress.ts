import type { WireJob } from "./wire.ts";

/** What is known of a job that is being followed. */
export interface Progress {
  readonly job: WireJob;
  /** Pages a second, lately; null while there is nothing to compare. */
  readonly perSecond: number | null;
  /** Whether the API has not answered the last question. */
  readonly away: boolean;
}

/** Pages with an outcome. */
export function donePages({ counts }: WireJob): number {
  return counts.succeeded + counts.failed + counts.skipped + counts.cancelled;
}
