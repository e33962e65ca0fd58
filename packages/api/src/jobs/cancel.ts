import { messageOf, within } from "@bee/core";
import { sendControl } from "@bee/queue";
import { cancelJob, type Job, type Release } from "@bee/store";
import type { Parts } from "../parts.ts";

const REDIS_MS = 1_000;

/**
 * Ends a job, and frees what it held. The end is committed first; that workers drop its visits and that the domain's
 * other jobs go on at once is a courtesy which a Redis that is away only delays.
 * @throws BeeError `conflict` when the job has ended in another way before.
 */
export async function cancel(parts: Parts, { id, domain }: Job): Promise<void> {
  const release = await cancelJob(parts.db, id, domain);
  try {
    await within(REDIS_MS, "Redis", tellFleet(parts, id, release));
  } catch (error) {
    parts.log.warn("the fleet was not told of a cancelled job", { job: id, error: messageOf(error) });
  }
}

async function tellFleet({ redis, queues }: Parts, job: string, release: Release): Promise<void> {
  await Promise.all([sendControl(redis, { type: "job-ended", job }), queues.dispatch(release)]);
}
