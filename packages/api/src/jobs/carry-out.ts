import { type JobOrder, messageOf, within } from "@bee/core";
import { type ControlMessage, sendControl } from "@bee/queue";
import { cancelJob, type Job, type Ordered, pauseJob, resumeJob, retryJob } from "@bee/store";
import type { Parts } from "../parts.ts";

const REDIS_MS = 1_000;

/** How an order is carried out in Postgres, and what workers are told. */
const ORDERS = {
  cancel: { carryOut: cancelJob, tell: "job-stopped" },
  pause: { carryOut: pauseJob, tell: "job-stopped" },
  resume: { carryOut: resumeJob, tell: "job-resumed" },
  retry: { carryOut: retryJob, tell: "job-resumed" },
} as const satisfies Record<JobOrder, { carryOut: typeof cancelJob; tell: ControlMessage["type"] }>;

/**
 * Carries out an order. It is committed first; that the fleet is told at once is a courtesy which a Redis that is away
 * only delays: workers ask Postgres, and the leader puts on its way what did not get there.
 * @throws BeeError `conflict` when the job's state does not allow it.
 */
export async function carryOut(parts: Parts, order: JobOrder, job: Job): Promise<void> {
  const ordered = await ORDERS[order].carryOut(parts.db, job);
  if (ordered.sweep) parts.sweeper.begin(job);
  try {
    await within(REDIS_MS, "Redis", tellFleet(parts, order, job, ordered));
  } catch (error) {
    parts.log.warn("the fleet was not told of an order", { job: job.id, order, error: messageOf(error) });
  }
}

/** An order that changes nothing is told again: it is repeated where the first one may not have arrived. */
async function tellFleet(
  { redis, queues }: Parts,
  order: JobOrder,
  job: Job,
  ordered: Ordered,
): Promise<void> {
  await sendControl(redis, { type: ORDERS[order].tell, job: job.id });
  await queues.dispatch(ordered.release);
}
