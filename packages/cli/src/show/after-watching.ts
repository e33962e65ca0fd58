import type { Progress } from "../client/progress.ts";
import { BEE } from "../command-name.ts";

/** What becomes of a job whose following ended before it did, and what to type next. */
export function afterWatching({ job, away }: Pick<Progress, "job" | "away">): string {
  const lines = [
    ...(!away && job.status === "paused" ? [["--resume", "let it go on"]] : []),
    ["--watch", "follow it"],
    ["--cancel", "cancel it"],
  ];
  const commands = lines.map(([order, what]) => `  ${BEE} job ${job.id} ${order!.padEnd(9)}  ${what}\n`);
  return [fateOf(job.status, away), "\n", ...commands].join("");
}

function fateOf(status: Progress["job"]["status"], away: boolean): string {
  if (away) return "The API does not answer; the job goes on when the fleet is back.";
  return status === "paused" ? "The job stays paused." : "The job goes on.";
}
