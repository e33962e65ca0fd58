import { type Settlement, silentLog } from "@bee/core";
import type { Plea, SettleItem, SettleResult } from "@bee/store";
import { expect, test } from "@jest/globals";
import { Settler } from "./settler.ts";

const OK: Settlement = {
  type: "done",
  outcome: "ok",
  cache: "none",
  reason: null,
  seen: { status: 200, ttfbMs: 1, bytes: 1, edge: null, redirects: [] },
};
const item = (n: number): SettleItem => ({
  page: String(n),
  lease: 1,
  domain: "example.com",
  ruleRevision: 1,
  inTime: true,
  settlement: OK,
});
const RESULT: SettleResult = {
  release: { visits: [], wakes: [], expansions: [] },
  completedJobs: [],
  pleas: [],
  stale: 0,
};

const GOES_ON = new AbortController().signal;
const AWAY = Object.assign(new Error("connection refused"), { code: "ECONNREFUSED" });

/** A settler over a store that records the batches and answers as told. */
function startSettler(
  settle: (batch: readonly SettleItem[]) => Promise<SettleResult>,
  onPlea: (plea: Plea) => void = () => {},
) {
  const batches: number[] = [];
  const settler = new Settler({
    settle: (batch) => {
      batches.push(batch.length);
      return settle(batch);
    },
    dispatch: async () => {},
    onRetry: () => {},
    onPlea,
    log: silentLog,
  });
  return { settler, batches };
}

test("a lone result is settled at once", async () => {
  const { settler, batches } = startSettler(async () => RESULT);
  await settler.submit(item(1), GOES_ON);
  expect(batches).toEqual([1]);
});

test("results share batches of a hundred at most", async () => {
  const { settler, batches } = startSettler(async () => RESULT);
  await Promise.all(Array.from({ length: 250 }, (_, n) => settler.submit(item(n), GOES_ON)));
  expect(batches.reduce((sum, size) => sum + size)).toBe(250);
  expect(Math.max(...batches)).toBe(100);
  expect(batches.length).toBeLessThanOrEqual(4);
});

test("a result is not acknowledged before its batch is committed", async () => {
  const { promise: commit, resolve } = Promise.withResolvers<SettleResult>();
  const { settler } = startSettler(() => commit);
  let acknowledged = false;
  const submitted = settler.submit(item(1), GOES_ON).then(() => {
    acknowledged = true;
  });
  await new Promise((next) => setImmediate(next));
  expect(acknowledged).toBe(false);
  resolve(RESULT);
  await submitted;
  expect(acknowledged).toBe(true);
});

test("what asked for quiet is told when it is settled", async () => {
  const plea = { domain: "a.test", forMs: 40_000, reason: "answered 429" };
  const told: Plea[] = [];
  const settle = async () => ({ ...RESULT, pleas: [plea] });
  const { settler } = startSettler(settle, (heard) => told.push(heard));
  await settler.submit(item(1), GOES_ON);
  expect(told).toEqual([plea]);
});

test("a batch that Postgres did not take is kept and tried again", async () => {
  let tries = 0;
  const { settler } = startSettler(async () => {
    tries += 1;
    if (tries < 3) throw AWAY;
    return RESULT;
  });
  await settler.submit(item(1), GOES_ON);
  expect(tries).toBe(3);
});

test("a batch that can never be taken is refused, and the next one goes on", async () => {
  let first = true;
  const { settler } = startSettler(async () => {
    if (!first) return RESULT;
    first = false;
    throw Object.assign(new Error("violates counts_add_up"), { code: "23514" });
  });
  await expect(settler.submit(item(1), GOES_ON)).rejects.toThrow("counts_add_up");
  await expect(settler.submit(item(2), GOES_ON)).resolves.toBeUndefined();
});

test("one result that Postgres refuses does not take its batch with it", async () => {
  const { settler } = startSettler(async (batch) => {
    if (batch.some(({ page }) => page === "3"))
      throw Object.assign(new Error("invalid text"), { code: "22P05" });
    return RESULT;
  });
  const settled = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => settler.submit(item(n), GOES_ON)));
  expect(settled.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

test("nor for one that is frozen, and neither takes nor refuses", async () => {
  const { settler } = startSettler(() => new Promise(() => {}));
  const stopping = new AbortController();
  const submitted = settler.submit(item(1), stopping.signal);
  // The batch is under way when the order comes.
  await new Promise((next) => setTimeout(next));
  stopping.abort();
  await expect(submitted).rejects.toThrow("given back");
});

test("stopping settles what is there", async () => {
  const { settler, batches } = startSettler(async () => RESULT);
  const submitted = [1, 2, 3].map((n) => settler.submit(item(n), GOES_ON));
  await settler.stop();
  await Promise.all(submitted);
  expect(batches.reduce((sum, size) => sum + size)).toBe(3);
});

test("a task that is to go back to its queue does not wait for a Postgres that stays away", async () => {
  const { settler } = startSettler(async () => {
    throw AWAY;
  });
  const stopping = new AbortController();
  const submitted = settler.submit(item(1), stopping.signal);
  stopping.abort();
  await expect(submitted).rejects.toThrow("connection refused");
});
