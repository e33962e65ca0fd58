import { DEFAULT_RULE, NO_TIMES, silentLog } from "@bee/core";
import {
  AllQueues,
  countNames,
  FleetRegistry,
  type FleetTotals,
  openRedis,
  type Queues,
  type Redis,
} from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import { createKey, type Database, ensureDomain, insertJob, listHistory, openDatabase } from "@bee/store";
import {
  freshDatabase,
  freshRedis,
  RecordingLog,
  runSql,
  type TestRedis,
  type TestStore,
} from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { flowBetween, Monitor } from "./monitor.ts";

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let allQueues: AllQueues;
let queues: Queues;
const FLEET = { region: "default", workerClass: "general" };
let registry: FleetRegistry;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 2, name: "bee scaler", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  allQueues = new AllQueues(redis);
  queues = allQueues.of(FLEET);
  registry = new FleetRegistry(redis);
});
beforeEach(async () => {
  await redis.flushall();
  await runSql(database.url, "delete from samples");
});
afterAll(async () => {
  await allQueues.close();
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), server.stop()]);
});

/** A monitor on a clock of its own, half a minute of which pass before each run. */
function startMonitor(log = new RecordingLog()) {
  let now = 0;
  const bounds = { min: 3, max: 25, perJob: 3 };
  const monitor = new Monitor({ db, redis, registry, queues: allQueues, bounds, log }, () => now);
  return {
    log,
    begin: () => monitor.begin(),
    run() {
      now += 30_000;
      return monitor.runOnce();
    },
  };
}

test("each run keeps the six figures of the fleet, and what it did since the run before", async () => {
  const monitor = startMonitor();
  await monitor.run();
  expect(await listHistory(db, "hour")).toEqual([]);
  const counts = [
    { name: countNames.visits("ok", "warmed"), value: 18, told: 0 },
    { name: countNames.visits("broken", "none"), value: 2, told: 0 },
    { name: countNames.visits("handed-back", "none"), value: 5, told: 0 },
    { name: countNames.times("responses", 3), value: 20, told: 0 },
    { name: countNames.timesSum("responses"), value: 1_600, told: 0 },
    { name: countNames.times("tasks", 6), value: 20, told: 0 },
    { name: countNames.timesSum("tasks"), value: 12_000, told: 0 },
  ];
  await registry.report(workerReport({ id: "a", cpu: 40, memory: 200e6, busy: 10 }), 2, counts);
  await registry.report(workerReport({ id: "b", cpu: 20, memory: 400e6, busy: 30 }), 2);
  await registry.reportScaling(FLEET, scalingReport({ desired: 6, runnable: { tasks: 1, oldestMs: 70 } }));
  await queues.addWakes([{ domain: "a.test", inMs: 60_000 }]);
  await queues.addExpansions([{ job: "j", tier: "low" }]);
  await monitor.run();
  expect(await listHistory(db, "hour")).toMatchObject([
    {
      seconds: 30,
      workers: 2,
      desired: 6,
      busy: 40,
      usable: 400,
      // What is held back is not runnable.
      queued: { critical: 0, high: 0, normal: 0, low: 1 },
      oldestMs: 70,
      cpu: 30,
      memory: 600e6,
      memoryShare: expect.closeTo(0.4),
      visits: 20,
      failures: 2,
      p95Ms: 97.5,
      meanMs: 80,
      taskMs: 600,
    },
  ]);
  const [{ connections, redisMemory } = { connections: 0, redisMemory: 0 }] = await listHistory(db, "hour");
  expect(connections).toBeGreaterThanOrEqual(1);
  expect(redisMemory).toBeGreaterThan(100_000);
});

test("what waits for a fleet whose workers and scaler are gone is counted, too", async () => {
  const fleet = { region: "gone", workerClass: "general" };
  const { key } = await createKey(db, "test", "standard");
  const domainId = await ensureDomain(db, "a.test", { ...DEFAULT_RULE, source: "default" });
  const options = {
    maxPages: 1,
    useSitemap: false,
    followLinks: false,
    include: [],
    exclude: [],
    verify: "all" as const,
  };
  const job = {
    keyId: key.id,
    url: "https://a.test/",
    domainId,
    tier: "low",
    webhookUrl: null,
    ...fleet,
  } as const;
  const { id } = await insertJob(db, { ...job, options, idempotency: null });
  await allQueues.of(fleet).addExpansions([{ job: id, tier: "low" }]);
  const monitor = startMonitor();
  await monitor.run();
  await monitor.run();
  expect(await listHistory(db, "hour")).toMatchObject([{ queued: { low: 1 } }]);
});

test("what a Postgres that is away misses is part of the next sample", async () => {
  const monitor = startMonitor();
  await monitor.run();
  await registry.report(workerReport({ id: "a" }), 1, [
    { name: countNames.visits("ok", "none"), value: 4, told: 0 },
  ]);
  await runSql(database.url, "alter table samples rename to away");
  await expect(monitor.run()).rejects.toThrow(/samples/);
  await runSql(database.url, "alter table away rename to samples");
  await monitor.run();
  expect(await listHistory(db, "hour")).toMatchObject([{ seconds: 60, visits: 4 }]);
});

test("slots that can be used are those of the workers whose taken slots are counted", async () => {
  const monitor = startMonitor();
  for (const state of ["working", "stopping", "holding", "starting"] as const)
    await registry.report(workerReport({ id: state, state, busy: 5, usable: 10 }), 1);
  await monitor.run();
  await monitor.run();
  expect(await listHistory(db, "hour")).toMatchObject([{ busy: 15, usable: 30 }]);
});

test("what was done while another led is not counted again", async () => {
  const monitor = startMonitor();
  await monitor.run();
  monitor.begin();
  await monitor.run();
  expect(await listHistory(db, "hour")).toEqual([]);
  await monitor.run();
  expect(await listHistory(db, "hour")).toMatchObject([{ seconds: 30 }]);
});

test("that the fleet could be smaller, or is overloaded, is told when it begins to be so", async () => {
  const { log, run } = startMonitor();
  const beAt = async (cpu: number, overload: "cpu" | null) => {
    for (const id of ["a", "b", "c", "d"]) await registry.report(workerReport({ id, cpu, overload }), 1);
    await run();
  };
  await beAt(50, null);
  await beAt(10, null);
  await beAt(12, null);
  await beAt(95, "cpu");
  await beAt(95, "cpu");
  await beAt(10, null);
  const few = { working: 4, queued: 0 };
  expect(log.lines).toEqual([
    { level: "info", message: "consider scaling down", fields: { ...few, cpu: 10, memoryShare: "0.10" } },
    {
      level: "warn",
      message: "the fleet is overloaded: bulk jobs are refused",
      fields: { ...few, cpu: 95, memoryShare: "0.10" },
    },
    { level: "info", message: "consider scaling down", fields: { ...few, cpu: 10, memoryShare: "0.10" } },
  ]);
});

test("a Redis that lost its data makes no visits that were never made, nor fewer than none", () => {
  const totals = (ok: number): FleetTotals => {
    const times = { counts: NO_TIMES.counts.map((_, i) => (i === 0 ? ok : 0)), sumMs: 5 * ok };
    return {
      visits: [{ result: "ok", cache: "none", count: ok }],
      responses: times,
      tasks: times,
      decisions: { up: 0, down: 0 },
    };
  };
  const flow = flowBetween({ at: 0, totals: totals(1_000) }, { at: 30_000, totals: totals(7) });
  expect(flow).toMatchObject({ visits: 7, failures: 0, meanMs: 5 });
});
