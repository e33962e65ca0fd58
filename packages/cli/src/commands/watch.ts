import type { ApiClient } from "../client/api-client.ts";
import { followJob } from "../client/follow-job.ts";
import type { Progress } from "../client/progress.ts";
import type { WireJob } from "../client/wire.ts";
import { StopRequest } from "../process/stop-request.ts";
import { afterWatching } from "../show/after-watching.ts";
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
  let last: Pick<Progress, "job" | "away"> = { job, away: false };
  const onProgress = (progress: Progress) => {
    last = progress;
    display.show(progress);
  };
  try {
    const ended = await followJob({ api, job, signal: asked, onProgress });
    display.end();
    if (ended === null) process.stderr.write(afterWatching(last));
    return ended;
  } catch (error) {
    display.end();
    process.stderr.write(afterWatching(last));
    throw error;
  }
}
