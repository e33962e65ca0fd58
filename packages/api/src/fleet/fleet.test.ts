import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import { openDatabase, recordDecision, requireReachable } from "@bee/store";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;
let redis: Redis;
let registry: FleetRegistry;

beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

const worker = (id: string) => workerReport({ id, busy: 3, startedAt: `2026-01-01T00:00:0${id}Z` });

const OURS = { region: "default", class: "general" };
const NONE = { waiting: 0, active: 0, delayed: 0 };

test("the fleet tells its workers, its queues and its last decisions", async () => {
  await registry.report(worker("2"), 2);
  await registry.report(worker("1"), 2);
  await recordDecision(api.db, {
    ...OURS,
    from: 3,
    to: 6,
    reason: "2 active jobs",
    inputs: { activeJobs: 2 },
  });
  await recordDecision(api.db, {
    ...OURS,
    from: 6,
    to: 9,
    reason: "3 active jobs",
    inputs: { activeJobs: 3 },
  });
  await api.ask("/v1/jobs", { json: { domain: "fleet.example" } });
  const { status, json } = await api.ask("/v1/fleet");
  expect(status).toBe(200);
  expect(json).toEqual({
    workers: [worker("1"), worker("2")],
    queues: { critical: NONE, high: NONE, normal: { ...NONE, waiting: 1 }, low: NONE },
    desired: 3,
    canary: null,
    current: 2,
    fleets: [
      {
        ...OURS,
        workers: 2,
        desired: 3,
        busy: 6,
        usable: 400,
        queues: { critical: NONE, high: NONE, normal: { ...NONE, waiting: 1 }, low: NONE },
      },
    ],
    decisions: [
      {
        at: expect.stringMatching(/Z$/),
        ...OURS,
        from: 6,
        to: 9,
        reason: "3 active jobs",
        inputs: { activeJobs: 3 },
      },
      {
        at: expect.stringMatching(/Z$/),
        ...OURS,
        from: 3,
        to: 6,
        reason: "2 active jobs",
        inputs: { activeJobs: 2 },
      },
    ],
    connections: { limit: 50, budget: 9, perWorker: 2, open: expect.any(Number), idle: expect.any(Number) },
  });
});

test("the fleet tells what it may hold of the database's connections, and what Postgres sees it hold", async () => {
  const connections = async () => (await api.ask("/v1/fleet")).json.connections;
  const before = await connections();
  // The process that answers has at least the connection that it asks with.
  expect(before.open).toBeGreaterThanOrEqual(1);
  expect(before.open).toBeLessThanOrEqual(3);
  const more = openDatabase({ url: api.databaseUrl, connections: 1, name: "bee worker", log: silentLog });
  await requireReachable(more, api.databaseUrl);
  const after = await connections();
  // The API may have opened more meanwhile, never more than its three.
  expect(after.open).toBeGreaterThanOrEqual(2);
  expect(after.open).toBeLessThanOrEqual(4);
  expect(after.idle).toBeGreaterThanOrEqual(1);
  await more.destroy();

  // With the two that are here already.
  for (let i = 0; i < 23; i++) await registry.report({ ...worker("9"), id: `w${i}` }, 1);
  expect(await connections()).toMatchObject({ limit: 50, budget: 30, perWorker: 1 });
  for (let i = 0; i < 23; i++) await registry.leave(`w${i}`);
});

test("a job's pages that wait have workers now", async () => {
  const { json } = await api.ask("/v1/jobs", { json: { domain: "waits.example" } });
  await api.db
    .updateTable("jobs")
    .set({ status: "running", total: 4, pending: 4 })
    .where("id", "=", json.id)
    .execute();
  await registry.report(worker("1"), 2);
  const { waiting } = (await api.ask(`/v1/jobs/${json.id}`)).json;
  expect(waiting).toEqual([{ reason: "rate-limit", pages: 4, until: expect.any(String) }]);
  await api.ask(`/v1/jobs/${json.id}/cancel`, { method: "POST" });
});

test("desired is what the law says while no scaler lives, and the scaler's wish while one does", async () => {
  const desired = async () => (await api.ask("/v1/fleet/desired")).json;
  await api.db.deleteFrom("jobs").execute();
  expect(await desired()).toEqual({ workers: 3 });
  for (const name of ["a", "b", "c"]) await api.ask("/v1/jobs", { json: { domain: `${name}.example` } });
  expect(await desired()).toEqual({ workers: 9 });
  await registry.reportScaling({ region: "default", workerClass: "general" }, scalingReport({ desired: 12 }));
  expect(await desired()).toEqual({ workers: 12 });
  expect((await api.ask("/v1/fleet")).json.desired).toBe(12);
});

test.each(["/v1/fleet", "/v1/fleet/desired"])("%s takes any key and no parameters", async (path) => {
  const { secret } = await api.newKey("standard");
  expect((await api.ask(path, { key: secret })).status).toBe(200);
  expect(problemIn(await api.ask(path, { key: null })).status).toBe(401);
  expect(problemIn(await api.ask(`${path}?x=1`)).status).toBe(422);
});
