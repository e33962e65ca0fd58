import { parseConfig, silentLog } from "@bee/core";
import { FleetRegistry, openRedis } from "@bee/queue";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { openDockerDriver } from "./open-docker-driver.ts";
import { SimulatedEngine } from "./testing/engine.ts";

let engine: SimulatedEngine;
beforeEach(async () => {
  engine = await SimulatedEngine.start();
});
afterEach(() => engine.stop());

function open() {
  const config = parseConfig({ BEE_SCALE_DRIVER: "docker", DOCKER_HOST: engine.host }, () => "");
  // Never connected: it fails before it asks.
  const redis = openRedis({ url: "redis://127.0.0.1:1", name: "test", log: silentLog });
  redis.disconnect();
  return openDockerDriver({ config, registry: new FleetRegistry(redis), log: silentLog, ownId: "elsewhere" });
}

test("an engine that is not there is told with what to do", async () => {
  await engine.close();
  await expect(open()).rejects.toThrow(
    /expected a Docker engine at unix:.*ENOENT.*give the scaler the engine's socket/,
  );
});

test("a scaler that runs in no container of the engine is told so", async () => {
  await expect(open()).rejects.toThrow(
    "expected the scaler to run in a container of the engine at " +
      `${engine.host}, got none that is called elsewhere`,
  );
});
