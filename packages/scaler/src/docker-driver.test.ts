import { setTimeout as delay } from "node:timers/promises";
import { type Config, parseConfig } from "@bee/core";
import { FleetRegistry, openRedis, type Redis, type WorkerReport } from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import { freshRedis, RecordingLog, type TestRedis } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { DockerDriver } from "./docker-driver.ts";
import { DockerEngine } from "./docker-engine.ts";
import { workerTemplate } from "./docker-template.ts";
import { type SimulatedContainer, SimulatedEngine } from "./testing/engine.ts";

const LABEL = { "blue-banded-bee.fleet": "bee.default.general" };
const nothingRunnable = { tasks: 0, oldestMs: 0 };

let server: TestRedis;
let redis: Redis;
let registry: FleetRegistry;
const FLEET = { region: "default", workerClass: "general" };
let engine: SimulatedEngine;
let log: RecordingLog;

beforeAll(async () => {
  server = await freshRedis();
  log = new RecordingLog();
  redis = openRedis({ url: server.url, name: "test", log });
  registry = new FleetRegistry(redis);
});
beforeEach(async () => {
  engine = await SimulatedEngine.start();
  log = new RecordingLog();
});
afterEach(async () => {
  await engine.stop();
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

function config(): Config {
  return parseConfig({ BEE_SCALE_DRIVER: "docker", DOCKER_HOST: engine.host }, () => "");
}

/** Tells which containers its driver has heard to be running. */
class Client extends DockerEngine {
  static readonly heard = new Set<string>();

  override async start(id: string): Promise<void> {
    await super.start(id);
    setImmediate(() => Client.heard.add(id));
  }
}

function newDriver(): DockerDriver {
  const own = {
    Image: "sha256:own",
    Config: { Env: ["REDIS_URL=redis://redis"], Labels: {} },
    HostConfig: {},
    NetworkSettings: { Networks: { stores: {}, web: {} } },
    Mounts: [],
  };
  const template = workerTemplate(own, config());
  return new DockerDriver({
    registry,
    fleet: FLEET,
    engine: new Client(engine.host),
    template,
    owner: "us",
    log,
  });
}

/** Adds workers and waits until they run. */
async function add(driver: DockerDriver, workers: number): Promise<SimulatedContainer[]> {
  const before = new Set(engine.containers.keys());
  expect(driver.add(workers)).toBe(workers);
  const added = () => [...engine.containers.values()].filter(({ id }) => !before.has(id));
  await until(() => added().filter(({ id }) => Client.heard.has(id)).length === workers);
  return added();
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await delay(5);
}

const report = (name: string, more: Partial<WorkerReport> = {}) =>
  registry.report(
    workerReport({
      id: `worker-${name}`,
      host: name,
      owner: "us",
      startedAt: new Date().toISOString(),
      ...more,
    }),
    1,
  );

test("starts containers as they are described, in all networks, and counts them once", async () => {
  const driver = newDriver();
  const [first] = await add(driver, 3);
  expect((await driver.survey()).current).toBe(3);
  await report(first!.name, { busy: 7 });
  expect(await driver.survey()).toEqual({ current: 3, slots: { busy: 7, usable: 200, workers: 1 } });
  expect(first!.spec).toMatchObject({ Image: "sha256:own", Labels: LABEL, Hostname: first!.name });
  expect(first!.networks).toEqual(["stores", "web"]);
});

test("a worker counts while the engine still starts it", async () => {
  const { promise: started, resolve: start } = Promise.withResolvers<undefined>();
  engine.intercept = (call) => (call.endsWith("/start") ? started : undefined);
  const driver = newDriver();
  driver.add(2);
  await until(() => engine.calls.filter((call) => call.endsWith("/start")).length === 2);
  expect((await driver.survey()).current).toBe(2);
  start(undefined);
  await until(() => [...engine.containers.values()].every(({ state }) => state === "running"));
  expect((await driver.survey()).current).toBe(2);
});

test("a worker that starts while the engine is asked for its list is not missed", async () => {
  const { promise: listed, resolve: list } = Promise.withResolvers<void>();
  engine.intercept = async (call) => {
    if (call.endsWith("/start")) await listed;
    if (call !== "GET /containers/json") return undefined;
    list();
    await until(() => [...engine.containers.keys()].some((id) => Client.heard.has(id)));
    return { status: 200, body: [] };
  };
  const driver = newDriver();
  driver.add(1);
  expect((await driver.survey()).current).toBe(1);
});

test("counts workers that others started, and leaves them alone", async () => {
  await report("by-hand", { owner: null });
  const driver = newDriver();
  await add(driver, 1);
  expect((await driver.survey()).current).toBe(2);
  expect(await driver.retire(2)).toBe(1);
});

test("adopts what a scaler before it started, and touches no container without its label", async () => {
  const adopted = engine.put("bee-worker-1", LABEL);
  const foreign = [
    engine.put("database", {}),
    engine.put("other-worker", { "blue-banded-bee.fleet": "other.default.general" }),
    engine.put("gone", { "blue-banded-bee.fleet": "other.default.general" }, "exited"),
  ];
  const driver = newDriver();
  expect((await driver.survey()).current).toBe(1);
  expect(await driver.retire(5)).toBe(1);
  await until(() => adopted.state === "exited");
  await driver.survey();
  expect(engine.names).toEqual(foreign.map(({ name }) => name));
});

test("retires the idlest, once, and takes it away when it has ended", async () => {
  const stopped: SimulatedContainer[] = [];
  engine.onStop = (container) => void stopped.push(container);
  const driver = newDriver();
  const [busy, idle] = await add(driver, 2);
  await report(busy!.name, { busy: 50 });
  await report(idle!.name, { busy: 1 });
  expect(await driver.retire(1)).toBe(1);
  expect((await driver.survey()).current).toBe(1);
  await until(() => stopped.length === 1);
  expect(stopped).toEqual([idle]);
  engine.end(idle!, 0);
  expect((await driver.survey()).current).toBe(1);
  expect(engine.names).toEqual([busy!.name]);
});

test("a worker that the leader before it told to stop is not told again", async () => {
  const stopping = engine.put("bee-worker-1", LABEL);
  await report(stopping.name, { state: "stopping" });
  const driver = newDriver();
  expect((await driver.survey()).current).toBe(0);
  expect(await driver.retire(1)).toBe(0);
  expect(engine.calls).not.toContain(`POST /containers/${stopping.id}/stop`);
});

test("a worker that was killed is told with its last words, taken away and listed no more", async () => {
  const driver = newDriver();
  const [killed] = await add(driver, 1);
  await report(killed!.name);
  await driver.survey();
  engine.end(killed!, 137, "something happened");
  expect((await driver.survey()).current).toBe(0);
  expect(log.of("a worker ended")).toMatchObject([
    { level: "warn", fields: { worker: killed!.name, exitCode: 137, lastWords: "something happened" } },
  ]);
  expect(engine.containers.size).toBe(0);
  expect(await registry.list()).toEqual([]);
  expect(driver.add(1)).toBe(1);
});

test("a worker that has worked and that somebody else stopped in order is no trouble", async () => {
  const driver = newDriver();
  const [stopped] = await add(driver, 1);
  await report(stopped!.name);
  await driver.survey();
  engine.end(stopped!, 0);
  expect((await driver.survey()).current).toBe(0);
  expect(driver.troubles()).toEqual({ failedStarts: 0, stuck: 0 });
  expect(driver.add(1)).toBe(1);
});

test("what a scaler left behind between making and starting a container is taken away", async () => {
  engine.put("bee-worker-1", LABEL, "created");
  expect((await newDriver().survey()).current).toBe(0);
  expect(engine.containers.size).toBe(0);
});

describe("workers that end before they work", () => {
  test("are started again one by one, and not at once", async () => {
    const driver = newDriver();
    for (const container of await add(driver, 3)) engine.end(container, 1, "no database");
    expect((await driver.survey()).current).toBe(0);
    expect(log.of("a worker ended before it worked")).toHaveLength(3);
    expect(driver.troubles()).toEqual({ failedStarts: 3, stuck: 0 });
    expect(driver.add(3)).toBe(0);
  });

  test("also in order: with code 0 or how nobody can say, they came to nothing", async () => {
    const driver = newDriver();
    const [inOrder, lost] = await add(driver, 2);
    engine.intercept = (call) =>
      call === `GET /containers/${lost!.id}/json` ? { status: 500, body: {} } : undefined;
    for (const container of [inOrder, lost]) engine.end(container!, 0);
    expect((await driver.survey()).current).toBe(0);
    expect(log.of("a worker ended before it worked").map(({ fields }) => fields["worker"])).toEqual(
      expect.arrayContaining([inOrder!.name, lost!.name]),
    );
    expect(driver.troubles()).toEqual({ failedStarts: 2, stuck: 0 });
    expect(driver.add(2)).toBe(0);
    expect(engine.containers.size).toBe(0);
  });

  test("and those that the engine refuses, in the engine's words", async () => {
    engine.intercept = (call) =>
      call === "POST /containers/create"
        ? { status: 404, body: { message: "No such image: bee:latest" } }
        : undefined;
    const driver = newDriver();
    const told = log.next("no worker container could be started");
    expect(driver.add(3)).toBe(3);
    expect((await told).fields).toMatchObject({
      containers: 3,
      error: "No such image: bee:latest",
      waitMs: 1_000,
    });
    expect((await driver.survey()).current).toBe(0);
    expect(driver.add(3)).toBe(0);
  });

  test("leave nothing behind that was made and could not be started", async () => {
    engine.intercept = (call) =>
      call.endsWith("/start") ? { status: 500, body: { message: "no room" } } : undefined;
    const told = log.next("no worker container could be started");
    newDriver().add(1);
    await told;
    expect(engine.containers.size).toBe(0);
  });
});

describe("an engine that does not answer", () => {
  test("takes no worker with it, is told once, and is asked again", async () => {
    const driver = newDriver();
    const [, ended] = await add(driver, 3);
    await driver.survey();
    engine.intercept = (call) => (call.startsWith("DELETE") ? { status: 500, body: {} } : undefined);
    engine.end(ended!, 1);
    await driver.survey();
    engine.intercept = () => undefined;
    await engine.close();
    expect((await driver.survey()).current).toBe(2);
    expect((await driver.survey()).current).toBe(2);
    expect(log.of("the Docker engine does not answer")).toHaveLength(1);
    expect(log.of("a worker container could not be removed")).toHaveLength(1);
    await engine.listen();
    expect((await driver.survey()).current).toBe(2);
    expect(log.of("the Docker engine answers again")).toHaveLength(1);
  });

  test("from the beginning leaves the leader without a number to decide by", async () => {
    await engine.close();
    await expect(newDriver().survey()).rejects.toThrow("the Docker engine was asked to GET /containers/json");
  });

  test("a container that it refused to stop counts again and is asked again", async () => {
    const driver = newDriver();
    await add(driver, 1);
    engine.intercept = (call) =>
      call.endsWith("/stop") ? { status: 500, body: { message: "cannot stop" } } : undefined;
    const told = log.next("a worker container could not be stopped");
    expect(await driver.retire(1)).toBe(1);
    expect((await told).fields).toMatchObject({ error: "cannot stop" });
    expect((await driver.survey()).current).toBe(1);
    engine.intercept = () => undefined;
    expect(await driver.retire(1)).toBe(1);
    await until(async () => (await driver.survey()).current === 0 && engine.containers.size === 0);
  });
});

test("a worker that takes nothing while work waits is told to stop", async () => {
  const driver = newDriver();
  const [stuck, well] = await add(driver, 2);
  await report(stuck!.name, { sinceTakenMs: 60_000 });
  await report(well!.name, { sinceTakenMs: 10 });
  expect(await driver.endStuck(nothingRunnable)).toBe(0);
  expect(await driver.endStuck({ tasks: 5, oldestMs: 60_000 })).toBe(1);
  expect(driver.troubles()).toEqual({ failedStarts: 0, stuck: 1 });
  expect((await driver.survey()).current).toBe(1);
});

test("who is to retire none asks nobody", async () => {
  const driver = newDriver();
  expect(await driver.retire(0)).toBe(0);
  expect(engine.calls).toEqual([]);
});

test("stopping ends the workers of a scaler that leads, and waits for them", async () => {
  const driver = newDriver();
  await add(driver, 2);
  await driver.survey();
  await driver.stop();
  expect(engine.containers.size).toBe(0);
});

test("stopping leaves the workers of a scaler that does not lead to the one that does", async () => {
  await add(newDriver(), 2);
  await newDriver().stop();
  expect(engine.containers.size).toBe(2);
});
