import { expect, test } from "@jest/globals";
import { whyStuck } from "./stuck-worker.ts";

const nothing = { tasks: 0, oldestMs: 0 };

test("a process without a heartbeat is stuck after a minute, whatever there is to do", () => {
  expect(whyStuck({ report: undefined, silentMs: 59_999, runnable: nothing })).toBeNull();
  expect(whyStuck({ report: undefined, silentMs: 60_000, runnable: nothing })).toBe("no heartbeat for 60 s");
});
