import { BeeError } from "./errors.ts";
import { isEnded, type JobStatus } from "./job.ts";

/** What a caller may ask of a job that is there. */
export const JOB_ORDERS = ["cancel", "pause", "resume", "retry"] as const;
export type JobOrder = (typeof JOB_ORDERS)[number];

/**
 * What an order means to a job: to be carried out, or nothing, because the job is as ordered already. So an order can
 * be repeated by a caller who did not get the answer.
 * @throws BeeError `conflict` where the job's state does not allow it.
 */
export function judgeOrder(order: JobOrder, status: JobStatus): "carry-out" | "done-already" {
  switch (order) {
    case "cancel":
      if (status === "cancelled") return "done-already";
      if (isEnded(status)) throw refuse("cancel", "a job that has not ended", status);
      return "carry-out";
    case "pause":
      if (status === "paused") return "done-already";
      if (isEnded(status)) throw refuse("pause", "a job that has not ended", status);
      return "carry-out";
    case "resume":
      if (isEnded(status)) throw refuse("resume", "a paused job", status);
      return status === "paused" ? "carry-out" : "done-already";
    case "retry":
      if (status === "cancelled") {
        throw new BeeError(
          "conflict",
          "cannot retry: expected a job that has completed or failed, got one that was cancelled; submit its URL as a new job",
        );
      }
      if (!isEnded(status)) throw refuse("retry", "a job that has completed or failed", status);
      return "carry-out";
  }
}

function refuse(order: JobOrder, expected: string, status: JobStatus): BeeError {
  return new BeeError("conflict", `cannot ${order}: expected ${expected}, got one that is ${status}`);
}
