import { parseConfig, silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { freshDatabase, freshRedis, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startScaler } from "./scaler.ts";

let database: TestStore;
let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([database.stop(), server.stop()]);
});

const neverSpawn = () => {
  throw new Error("expected no worker to be spawned");
};

test("two scalers of one hostname and one pid, as in two containers, are two", async () => {
  const config = parseConfig({ BEE_SCALE_DRIVER: "external", BEE_MIN_WORKERS: "0" }, () => "");
  const stores = { databaseUrl: database.url, redisUrl: server.url };
  const start = () =>
    startScaler({ config, ...stores, log: silentLog, owner: "test", spawnWorker: neverSpawn });
  const first = await start();
  const second = await start();
  expect(await new FleetRegistry(redis).readClaims()).toMatchObject({ scalers: 2 });
  await second.stop();
  expect(await new FleetRegistry(redis).readClaims()).toMatchObject({ scalers: 1 });
  await first.stop();
});
