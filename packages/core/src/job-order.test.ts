import { expect, test } from "@jest/globals";
import { JOB_STATUSES } from "./job.ts";
import { JOB_ORDERS, judgeOrder } from "./job-order.ts";

/** What each order means to a job in each state. */
const TABLE = {
  //            cancel          pause           resume          retry
  pending: ["carry-out", "carry-out", "done-already", "refused"],
  expanding: ["carry-out", "carry-out", "done-already", "refused"],
  running: ["carry-out", "carry-out", "done-already", "refused"],
  paused: ["carry-out", "done-already", "carry-out", "refused"],
  completed: ["refused", "refused", "refused", "carry-out"],
  failed: ["refused", "refused", "refused", "carry-out"],
  cancelled: ["done-already", "refused", "refused", "refused"],
} as const;

const rows = JOB_STATUSES.flatMap((status) =>
  JOB_ORDERS.map((order, i) => ({ order, status, meaning: TABLE[status][i] })),
);

test.each(rows)("$order means to a job that is $status: $meaning", ({ order, status, meaning }) => {
  if (meaning !== "refused") expect(judgeOrder(order, status)).toBe(meaning);
  else {
    expect(() => judgeOrder(order, status)).toThrow(
      expect.objectContaining({ code: "conflict", message: expect.stringContaining(status) }),
    );
  }
});
