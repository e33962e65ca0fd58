import { once } from "node:events";
import { silentLog, type Tier, type VisitTask } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Lanes, type LanesOptions, type TaskHandlers } from "./lanes.ts";
import { Queues, visitId } from "./queues.ts";
import { openRedis, type Redis } from "./redis.ts";
import { USUAL_VISIT } from "./testing/visit.ts";

let server: TestRedis;
let redis: Redis;
let queues: Queues;
let lanes: Lanes | undefined;

beforeAll(async () => {
  server = await freshRedis();
});
beforeEach(() => {
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new Queues(redis, "default", "general");
});
afterEach(async () => {
  await lanes?.stop(1_000);
  lanes = undefined;
  await queues.close();
  await redis.flushall();
  redis.disconnect();
});
afterAll(() => server.stop());

const task = (page: string, tier: Tier): VisitTask => ({ ...USUAL_VISIT, page, tier });

const add = (count: number, tier: Tier, prefix: string) =>
  queues.addVisits(
    Array.from({ length: count }, (_, i) => ({ task: task(`${prefix}${i}`, tier), delayMs: 0 })),
  );

function startLanes(slots: number, visit: TaskHandlers["visit"], options: Partial<LanesOptions> = {}): Lanes {
  const started = new Lanes({
    redis,
    queues,
    region: "default",
    workerClass: "general",
    slots,
    handlers: { visit, expand: async () => "done", wake: async () => "done", preview: async () => "done" },
    log: silentLog,
    ...options,
  });
  started.start();
  lanes = started;
  return started;
}

test("every tier's tasks are carried out, each once", async () => {
  await add(5, "low", "l");
  await add(5, "critical", "c");
  const seen: string[] = [];
  const { promise: all, resolve } = Promise.withResolvers<void>();
  startLanes(8, async ({ page }) => {
    if (seen.push(page) === 10) resolve();
    return "done";
  });
  await all;
  expect(new Set(seen).size).toBe(10);
});

test("the same page and lease is one task, however often it is added", async () => {
  await add(3, "normal", "n");
  await add(3, "normal", "n");
  expect(await queues.waiting()).toEqual({ critical: 0, high: 0, normal: 3, low: 0 });
});

test("bulk work that has all slots does not keep a critical task waiting", async () => {
  const { promise: never, resolve: release } = Promise.withResolvers<void>();
  const { promise: started, resolve } = Promise.withResolvers<void>();
  const running = startLanes(20, async ({ tier }) => {
    if (tier === "critical") resolve();
    else await never;
    return "done";
  });
  await add(60, "low", "l");
  while (running.busy < 19) await new Promise((next) => setTimeout(next, 20));
  const at = performance.now();
  await add(1, "critical", "c");
  await started;
  expect(performance.now() - at).toBeLessThan(1_000);
  release();
});

test("a worker that may fill fewer slots lets the least urgent tier give first", async () => {
  const under = { critical: 0, high: 0, normal: 0, low: 0 };
  const most = { ...under };
  let done = 0;
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const running = startLanes(20, async ({ tier }) => {
    under[tier] += 1;
    // While both tiers have work.
    if (done < 20) most[tier] = Math.max(most[tier], under[tier]);
    // Once all that may run do, they end one by one.
    while (under.normal + under.low < 7 && done === 0) await new Promise((next) => setTimeout(next, 20));
    await new Promise((next) => setTimeout(next, 20));
    under[tier] -= 1;
    if (++done === 20) resolve();
    return "done";
  });
  // Of eight, one is critical's reserve.
  running.allow(8);
  expect(running.load.usable).toBe(8);
  await add(40, "normal", "n");
  await add(20, "low", "l");
  await all;
  expect(most).toEqual({ critical: 0, high: 0, normal: 6, low: 1 });
});

test("stopping puts what does not end in time back, and another worker does it", async () => {
  await add(1, "normal", "n");
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const first = startLanes(4, async (_, signal) => {
    resolve();
    await new Promise((next) => signal.addEventListener("abort", next));
    return "put-back";
  });
  await begun;
  await first.stop(10);
  const { promise: done, resolve: finish } = Promise.withResolvers<string>();
  startLanes(4, async ({ page }) => {
    finish(page);
    return "done";
  });
  expect(await done).toBe("n0");
});

test("a task that is gone is missing, one that waits or runs is not", async () => {
  await add(2, "high", "h");
  const ids = ["page-h0-1", "page-h1-1", "page-h2-1"].map((id) => ({ id, tier: "high" as const }));
  expect(await queues.missing(ids)).toEqual(new Set(["page-h2-1"]));
});

test("a task is queued, then held by a worker, and left alone when that one dies", async () => {
  const tasks = ["n0", "n1", "later0", "gone0"].map((page) => ({
    id: visitId(page, 1),
    tier: "normal" as const,
  }));
  await queues.addVisits([{ task: task("later0", "normal"), delayMs: 60_000 }]);
  await add(1, "normal", "n");
  expect(await queues.statesOf(tasks)).toEqual(["queued", "missing", "held-back", "missing"]);

  const connection = openRedis({ url: server.url, name: "test", log: silentLog });
  const { promise: begun, resolve } = Promise.withResolvers<void>();
  const visit: TaskHandlers["visit"] = async (_task, signal) => {
    resolve();
    await once(signal, "abort");
    return "put-back";
  };
  // Nobody looks for lapsed locks in this test.
  const doomed = startLanes(10, visit, { redis: connection, locks: { lockMs: 1_000, checkMs: 60_000 } });
  await begun;
  expect(await queues.statesOf(tasks)).toEqual(["running", "missing", "held-back", "missing"]);
  connection.disconnect();
  void doomed.stop(0);
  lanes = undefined;
  let state = "running";
  while (state === "running") [state = ""] = await queues.statesOf(tasks);
  expect(state).toBe("abandoned");
});

test("wakes of a domain at one moment are one", async () => {
  await queues.addWakes([
    { domain: "example.com", inMs: 60_000 },
    { domain: "example.com", inMs: 60_000 },
    { domain: "[::1]", inMs: 60_000 },
  ]);
  expect((await queues.counts()).critical.delayed).toBeLessThanOrEqual(3);
  expect((await queues.counts()).critical.delayed).toBeGreaterThanOrEqual(2);
});

test("a worker knows how many have died with a task", async () => {
  const locks = { lockMs: 1_000, checkMs: 500 };
  const seen: number[] = [];
  await add(1, "normal", "n");
  for (let i = 0; i < 3; i++) {
    // A worker whose connection is cut is a dead one to all others: it renews nothing, and nobody hears of it again.
    const connection = openRedis({ url: server.url, name: "test", log: silentLog });
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    const visit: TaskHandlers["visit"] = async (_task, signal, deaths) => {
      seen.push(deaths);
      resolve();
      await once(signal, "abort");
      return "put-back";
    };
    const doomed = startLanes(10, visit, { redis: connection, locks });
    await begun;
    connection.disconnect();
    void doomed.stop(0);
    lanes = undefined;
  }
  expect(seen).toEqual([0, 1, 2]);
});
