import { BeeError, silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { allFleets, FleetRegistry, liveFleets, workersOf } from "./fleet-registry.ts";
import { LeaderLease } from "./leader-lease.ts";
import { openRedis, type Redis, requireSafeRedis } from "./redis.ts";
import { scalingReport, workerReport } from "./testing/reports.ts";

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const report = (id: string, startedAt: string) => workerReport({ id, startedAt });

test("lists the living in the order of their start; one that leaves is gone at once", async () => {
  const registry = new FleetRegistry(redis);
  await registry.report(report("b", "2026-01-02T00:00:00Z"), 1);
  await registry.report(report("a", "2026-01-01T00:00:00Z"), 1);
  expect((await registry.list()).map(({ id }) => id)).toEqual(["a", "b"]);
  await registry.leave("a");
  expect((await registry.list()).map(({ id }) => id)).toEqual(["b"]);
});

test("a worker whose report has expired is gone", async () => {
  const registry = new FleetRegistry(redis);
  await registry.report(report("silent", "2026-01-01T00:00:00Z"), 1);
  await redis.del("{bee}:worker:silent");
  expect((await registry.list()).map(({ id }) => id)).not.toContain("silent");
});

test("a worker learns with its report what all claim of the database; who leaves or is gone claims nothing", async () => {
  await redis.flushall();
  const registry = new FleetRegistry(redis);
  const at = "2026-01-01T00:00:00Z";
  expect(await registry.report(report("a", at), 1)).toEqual({ workers: 1, connections: 1, scalers: 0 });
  expect(await registry.report(report("b", at), 2)).toEqual({ workers: 2, connections: 3, scalers: 0 });
  expect(await registry.report(report("a", at), 2)).toEqual({ workers: 2, connections: 4, scalers: 0 });
  await registry.leave("b");
  expect(await registry.report(report("c", at), 1)).toEqual({ workers: 2, connections: 3, scalers: 0 });
  await redis.del("{bee}:worker:a");
  await registry.list();
  expect(await registry.report(report("c", at), 1)).toEqual({ workers: 1, connections: 1, scalers: 0 });
});

test("scalers are counted beside the workers, and are forgotten as they are", async () => {
  await redis.flushall();
  const registry = new FleetRegistry(redis);
  await registry.report(report("a", "2026-01-01T00:00:00Z"), 2);
  expect(await registry.reportScaler("first", 2)).toEqual({ workers: 1, connections: 2, scalers: 1 });
  expect(await registry.reportScaler("second", 2)).toEqual({ workers: 1, connections: 2, scalers: 2 });
  expect((await registry.list()).map(({ id }) => id)).toEqual(["a"]);
  await registry.leaveScaler("first");
  expect(await registry.readClaims()).toEqual({ workers: 1, connections: 2, scalers: 1 });
  await redis.del("{bee}:worker:scaler:second");
  await registry.list();
  expect(await registry.readClaims()).toEqual({ workers: 1, connections: 2, scalers: 0 });
});

test("a region is lost whose last worker ended without leaving, and not one that was left in order", async () => {
  await redis.flushall();
  const registry = new FleetRegistry(redis);
  const at = "2026-01-01T00:00:00Z";
  for (const region of ["eu", "us", "ap"]) await registry.report({ ...report(region, at), region }, 1);
  const lost = async () => registry.listLostRegions(await registry.list());
  expect(await lost()).toEqual([]);
  await redis.del("{bee}:worker:eu");
  await registry.leave("us", [], "us");
  // One that others have ended.
  await registry.leave("ap");
  expect((await lost()).toSorted()).toEqual(["ap", "eu"]);
  await registry.report({ ...report("next", at), region: "eu" }, 1);
  await redis.zadd("{bee}:regions", Date.now() - 3_600_001, "ap");
  expect(await lost()).toEqual([]);
});

test("each fleet has a wish of its own, and those with a scaler are known", async () => {
  await redis.flushall();
  const registry = new FleetRegistry(redis);
  const eu = { region: "eu", workerClass: "general" };
  const us = { region: "us", workerClass: "high-capacity" };
  const [four, seven] = [scalingReport({ desired: 4 }), scalingReport({ desired: 7 })];
  await registry.reportScaling(eu, four);
  await registry.reportScaling(us, seven);
  expect([await registry.readScaling(eu), await registry.readScaling(us)]).toEqual([four, seven]);
  await redis.del("{bee}:scaling:eu/general");
  expect(await registry.readScaling(eu)).toBeNull();
  expect(await registry.listScaled()).toEqual([{ ...us, ...seven }]);
});

test("the fleets that live are those with workers that stay, each as full as those that take work", () => {
  const at = "2026-01-01T00:00:00Z";
  const workers = [
    { ...report("a", at), region: "eu", busy: 10, usable: 100 },
    { ...report("b", at), region: "us", busy: 1, usable: 50 },
    { ...report("c", at), region: "eu", busy: 30, usable: 200 },
    { ...report("d", at), region: "eu", class: "high-capacity", busy: 5, usable: 200 },
    { ...report("e", at), region: "ap", state: "stopping" as const },
    { ...report("f", at), region: "us", state: "starting" as const, busy: 0, usable: 200 },
    { ...report("g", at), region: "sa", state: "holding" as const, busy: 3, usable: 200 },
  ];
  expect(liveFleets(workers)).toEqual([
    { region: "eu", workerClass: "general", busy: 40, usable: 300 },
    { region: "us", workerClass: "general", busy: 1, usable: 50 },
    { region: "eu", workerClass: "high-capacity", busy: 5, usable: 200 },
    { region: "sa", workerClass: "general", busy: 3, usable: 0 },
  ]);
  expect(workersOf({ region: "eu", workerClass: "general" }, workers).map(({ id }) => id)).toEqual([
    "a",
    "c",
  ]);
});

test("all fleets are those with workers, a scaler or jobs, each once", () => {
  const [eu, us, ap] = ["eu", "us", "ap"].map((region) => ({ region, workerClass: "general" }));
  const workers = [{ ...report("a", "2026-01-01T00:00:00Z"), region: "eu" }];
  expect(allFleets(workers, [us!, eu!], [ap!, us!])).toEqual([eu, us, ap]);
  expect(allFleets([], [], [])).toEqual([]);
});

test("one process leads; when it leaves, the next one may", async () => {
  const first = new LeaderLease(redis, "duty", "first");
  const second = new LeaderLease(redis, "duty", "second");
  expect([await first.hold(), await second.hold(), await first.hold()]).toEqual([true, false, true]);
  await second.leave();
  expect(await second.hold()).toBe(false);
  await first.leave();
  expect(await second.hold()).toBe(true);
});

test("a Redis that may evict keys is refused, with what to do", async () => {
  await redis.config("SET", "maxmemory-policy", "allkeys-lru");
  try {
    const error = await requireSafeRedis(server.url).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BeeError);
    expect(error).toMatchObject({
      code: "unsafe-redis",
      message: expect.stringMatching(/noeviction, got allkeys-lru/),
    });
  } finally {
    await redis.config("SET", "maxmemory-policy", "noeviction");
  }
});

test("an unreachable Redis is named without its password", async () => {
  const error = await requireSafeRedis("redis://:secret@127.0.0.1:1/0").catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "cannot-start",
    message: expect.stringMatching(/127\.0\.0\.1:1.*ECONNREFUSED/),
  });
  expect((error as Error).message).not.toContain("secret");
});
