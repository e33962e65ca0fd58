import type { WireReport } from "../client/wire.ts";
import { count } from "../show/text.ts";

/**
 * Why a job does not count as a success of `npm start -- --exit`: it must be completed, and every page that could be
 * cached proved warm. Pages that are broken, uncacheable or off limits could not; of those that turned us away or did
 * not answer, nobody knows.
 */
export function shortcomings({ job, summary }: WireReport): string[] {
  const { cache, outcomes } = summary;
  const notProved = cache.unproven + outcomes.blocked + outcomes.unreachable;
  const problems = [];
  if (job.status !== "completed") problems.push(`expected the job to be completed, got ${job.status}`);
  if (notProved > 0) {
    problems.push(
      `expected every cacheable page to be proved warm, got ${count(notProved, "page that is not", "pages that are not")}`,
    );
  }
  return problems;
}
