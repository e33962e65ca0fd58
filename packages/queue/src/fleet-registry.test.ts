import { BeeError, silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { FleetRegistry, type WorkerReport } from "./fleet-registry.ts";
import { LeaderLease } from "./leader-lease.ts";
import { openRedis, type Redis, requireSafeRedis } from "./redis.ts";

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

const report = (id: string, startedAt: string): WorkerReport => ({
  id,
  startedAt,
  pid: 1,
  host: "here",
  region: "default",
  class: "general",
  state: "working",
  slots: 200,
  busy: 0,
  usable: 200,
  lagMs: 0,
  redisMs: 1,
  sinceTakenMs: null,
  cpu: 0,
  cpuLimit: 100,
  memory: 100e6,
  memoryLimit: 1e9,
  overload: null,
  p95Ms: null,
  meanMs: null,
  taskMs: null,
  visits: {},
  owner: null,
});

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
  expect(await registry.report(report("a", at), 1)).toEqual({ workers: 1, connections: 1 });
  expect(await registry.report(report("b", at), 2)).toEqual({ workers: 2, connections: 3 });
  expect(await registry.report(report("a", at), 2)).toEqual({ workers: 2, connections: 4 });
  await registry.leave("b");
  expect(await registry.report(report("c", at), 1)).toEqual({ workers: 2, connections: 3 });
  await redis.del("{bee}:worker:a");
  await registry.list();
  expect(await registry.report(report("c", at), 1)).toEqual({ workers: 1, connections: 1 });
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
