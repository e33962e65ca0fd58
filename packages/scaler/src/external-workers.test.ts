import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { ExternalWorkers } from "./external-workers.ts";

let server: TestRedis;
let redis: Redis;
let registry: FleetRegistry;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const FLEET = { region: "default", workerClass: "general" };

test("begins with the workers that live, and then follows what it has asked for", async () => {
  for (const id of ["1", "2"]) await registry.report(workerReport({ id }), 1);
  const workers = new ExternalWorkers(registry, FLEET);
  expect((await workers.survey()).current).toBe(2);
  workers.add(4);
  expect((await workers.survey()).current).toBe(6);
  expect(await workers.retire(3)).toBe(3);
  expect((await workers.survey()).current).toBe(3);
});

test("goes on where the leader before it was", async () => {
  await registry.reportScaling(FLEET, scalingReport({ desired: 9 }));
  expect((await new ExternalWorkers(registry, FLEET).survey()).current).toBe(9);
});

test("goes on where another leader was that led meanwhile", async () => {
  const workers = new ExternalWorkers(registry, FLEET);
  await workers.survey();
  workers.add(4);
  await registry.reportScaling(FLEET, scalingReport({ desired: 9 }));
  workers.begin();
  expect((await workers.survey()).current).toBe(9);
});

test("tells how full the workers are that really live, of its own fleet", async () => {
  await registry.report(workerReport({ id: "1", busy: 10, usable: 100 }), 1);
  await registry.report(workerReport({ id: "2", busy: 30, usable: 200 }), 1);
  await registry.report(workerReport({ id: "3", state: "starting", usable: 200 }), 1);
  await registry.report(workerReport({ id: "4", region: "eu", busy: 90, usable: 100 }), 1);
  expect((await new ExternalWorkers(registry, FLEET).survey()).slots).toEqual({
    busy: 40,
    usable: 150,
    workers: 2,
  });
});
