import type { JobOrder } from "@bee/core";
import type { ControlMessage } from "@bee/queue";
import { cancelJob, type Job, pauseJob, resumeJob, retryJob } from "@bee/store";
import { requireRoom } from "../metrics/require-room.ts";
import type { Parts } from "../parts.ts";
import { tellFleet } from "../tell-fleet.ts";

/** How an order is carried out in Postgres, and what workers are told. */
const ORDERS = {
  cancel: { commit: cancelJob, tell: "job-stopped" },
  pause: { commit: pauseJob, tell: "job-stopped" },
  resume: { commit: resumeJob, tell: "job-resumed" },
  retry: { commit: retryJob, tell: "job-resumed" },
} as const satisfies Record<JobOrder, { commit: typeof cancelJob; tell: ControlMessage["type"] }>;

/**
 * Carries out an order. It is committed first, and then the fleet is told; an order that changes nothing is told again,
 * for it is repeated where the first one may not have arrived.
 * @throws BeeError `conflict` when the job's state does not allow it; `overloaded` or `unavailable` when the fleet has no
 * room for a retry.
 */
export async function carryOut(parts: Parts, order: JobOrder, job: Job): Promise<void> {
  const { id } = job;
  const { commit, tell } = ORDERS[order];
  // It is new work to a fleet, as a new job is; what is paused was accepted, and is resumed whenever one likes.
  if (order === "retry") await requireRoom(parts.pressure, job.tier);
  const ordered = await commit(parts.db, job);
  if (ordered.sweep) parts.sweeper.begin(job);
  await tellFleet(parts, { type: tell, job: id }, ordered.release, { job: id, order });
}
