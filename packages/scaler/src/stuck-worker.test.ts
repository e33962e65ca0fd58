import { workerReport } from "@bee/queue/testing";
import { expect, test } from "@jest/globals";
import { whyStuck } from "./stuck-worker.ts";

const nothing = { tasks: 0, oldestMs: 0 };

test("a process without a heartbeat is stuck after a minute, whatever there is to do", () => {
  expect(whyStuck({ report: undefined, silentMs: 59_999, runnable: nothing })).toBeNull();
  expect(whyStuck({ report: undefined, silentMs: 60_000, runnable: nothing })).toBe("no heartbeat for 60 s");
});

test("a process that has not got to work after a minute is stuck, although its heart beats", () => {
  const starting = (sinceMs: number) =>
    whyStuck({
      report: workerReport({ state: "starting", startedAt: new Date(Date.now() - sinceMs).toISOString() }),
      silentMs: 0,
      runnable: nothing,
    });
  expect(starting(50_000)).toBeNull();
  expect(starting(60_000)).toBe("still starting after 60 s");
});
