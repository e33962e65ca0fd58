import type { ApiClient } from "../client/api-client.ts";
import { followJob } from "../client/follow-job.ts";
import type { Progress } from "../client/progress.ts";
import type { WireJob } from "../client/wire.ts";
import { BEE } from "../command-name.ts";
import { StopRequest } from "../process/stop-request.ts";
import { progressDisplay } from "../show/progress-display.ts";

/**
 * Follows a job on stderr to its end, or until Ctrl-C, which ends the watching and not the job.
 * @returns the job as it ended; null after Ctrl-C.
 */
export async function watch(
  api: ApiClient,
  job: WireJob,
  { asked }: Pick<StopRequest, "asked"> = new StopRequest().listen(),
): Promise<WireJob | null> {
  const display = progressDisplay(process.stderr);
  try {
    const onProgress = (progress: Progress) => display.show(progress);
    const ended = await followJob({ api, job, signal: asked, onProgress });
    display.end();
    if (ended === null) process.stderr.write(goesOn(job.id));
    return ended;
  } catch (error) {
    display.end();
    process.stderr.write(goesOn(job.id));
    throw error;
  }
}

function goesOn(id: string): string {
  return `The job goes on.\n  ${BEE} job ${id} --watch    follow it\n  ${BEE} job ${id} --cancel   cancel it\n`;
}
