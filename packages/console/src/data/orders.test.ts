import { expect, test } from "@jest/globals";
import { allows, ORDERS } from "./orders.ts";
import { STATUSES } from "./wire.ts";

const job = (status: (typeof STATUSES)[number], failed = 0) => ({
  status,
  counts: { total: 9, pending: 0, released: 0, succeeded: 9 - failed, failed, skipped: 0, cancelled: 0 },
});

test("an order is offered where the API would carry it out", () => {
  const offered = Object.fromEntries(
    STATUSES.map((status) => [status, ORDERS.filter((order) => allows(job(status, 1), order))]),
  );
  expect(offered).toEqual({
    pending: ["pause", "cancel"],
    expanding: ["pause", "cancel"],
    running: ["pause", "cancel"],
    paused: ["resume", "cancel"],
    completed: ["retry"],
    failed: ["retry"],
    cancelled: [],
  });
  expect(allows(job("completed"), "retry")).toBe(false);
});
