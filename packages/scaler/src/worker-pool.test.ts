import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis, type WorkerReport } from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { WorkerPool } from "./worker-pool.ts";

let server: TestRedis;
let redis: Redis;
let registry: FleetRegistry;
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** A process that lives until it is told to end, as a worker does. */
function spawnProcess(script = "setInterval(() => {}, 1000)"): ChildProcess {
  const child = spawn(process.execPath, ["-e", script], { stdio: "ignore" });
  children.push(child);
  return child;
}

const FLEET = { region: "default", workerClass: "general" };

const poolOf = (owner: string) =>
  new WorkerPool({
    registry,
    fleet: FLEET,
    spawn: () => spawnProcess(),
    owner,
    host: "here",
    log: silentLog,
  });

const report = (pid: number, more: Partial<WorkerReport> = {}) =>
  registry.report(
    workerReport({ id: `worker-${pid}`, pid, owner: "us", startedAt: new Date().toISOString(), ...more }),
    1,
  );

test("a worker counts from its start on, and once after it has reported itself", async () => {
  const pool = poolOf("us");
  pool.add(2);
  expect((await pool.survey()).current).toBe(2);
  await report(children[0]!.pid!);
  expect((await pool.survey()).current).toBe(2);
});

test("workers that others started count too", async () => {
  await report(1, { id: "container", host: "elsewhere", owner: null });
  const pool = poolOf("us");
  pool.add(1);
  expect((await pool.survey()).current).toBe(2);
});

test("workers of another region or class do not count", async () => {
  await report(1, { id: "eu", host: "elsewhere", owner: null, region: "eu" });
  await report(2, { id: "large", host: "elsewhere", owner: null, class: "high-capacity" });
  const pool = poolOf("us");
  pool.add(1);
  expect((await pool.survey()).current).toBe(1);
});

test("retires the idlest of ours, and counts it no more", async () => {
  const pool = poolOf("us");
  pool.add(2);
  const [busy, idle] = children.map((child) => child.pid!);
  await report(busy!, { busy: 50 });
  await report(idle!, { busy: 1 });
  const ended = once(children[1]!, "exit");
  expect(await pool.retire(1)).toBe(1);
  expect((await pool.survey()).current).toBe(1);
  await ended;
  expect(children[0]!.exitCode).toBeNull();
});

test("a worker that was killed is not counted although its report has not expired", async () => {
  const pool = poolOf("us");
  pool.add(1);
  await report(children[0]!.pid!);
  const ended = once(children[0]!, "exit");
  children[0]!.kill("SIGKILL");
  await ended;
  expect((await pool.survey()).current).toBe(0);
});

test.each(["started", "adopted"])(
  "a worker that it %s and that was killed is no longer listed",
  async (how) => {
    const pool = poolOf("us");
    if (how === "started") pool.add(1);
    else spawnProcess();
    const child = children[0]!;
    await report(child.pid!);
    // It would expire by itself in the end.
    await redis.persist(`{bee}:worker:worker-${child.pid}`);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    // An adopted worker's end is no event here; it is seen when the scaler counts, each second.
    if (how === "adopted") (await pool.survey()).current;
    while ((await registry.list()).length > 0) await setImmediate();
  },
);

test("a killed worker of somebody else stays listed until its report expires", async () => {
  const child = spawnProcess();
  await report(child.pid!, { owner: "them" });
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
  await poolOf("us").survey();
  expect(await registry.list()).toHaveLength(1);
});

test("workers that were adopted still count when Redis has lost their reports", async () => {
  await report(spawnProcess().pid!);
  const pool = poolOf("us");
  expect((await pool.survey()).current).toBe(1);
  await redis.flushall();
  expect((await pool.survey()).current).toBe(1);
});

test("stopping ends our workers, also those that a scaler before us started, and leaves those of others alone", async () => {
  const adopted = spawnProcess();
  const stranger = spawnProcess();
  await report(adopted.pid!);
  await report(stranger.pid!, { owner: "them" });
  const pool = poolOf("us");
  pool.add(1);
  await pool.stop();
  expect(children.map((child) => child.signalCode)).toEqual(["SIGTERM", null, "SIGTERM"]);
});

describe("workers that end before they work", () => {
  const pool = (script: string) =>
    new WorkerPool({
      registry,
      fleet: FLEET,
      spawn: () => spawnProcess(script),
      owner: "us",
      host: "here",
      log: silentLog,
    });

  test("are started again one by one, and not at once", async () => {
    const crashing = pool("process.exit(1)");
    expect(crashing.add(3)).toBe(3);
    await Promise.all(children.map((child) => once(child, "exit")));
    expect(crashing.add(3)).toBe(0);
    expect(children).toHaveLength(3);
    expect(crashing.troubles()).toEqual({ failedStarts: 3, stuck: 0 });
  });

  test("one that was killed at its work is replaced at once", async () => {
    const working = poolOf("us");
    working.add(2);
    for (const { pid } of children) await report(pid!);
    await working.survey();
    const ended = children.map((child) => once(child, "exit"));
    for (const child of children) child.kill("SIGKILL");
    await Promise.all(ended);
    expect(working.add(2)).toBe(2);
  });
});

describe("a worker that is stuck", () => {
  const waiting = { tasks: 5, oldestMs: 60_000 };

  test("is asked to end, and counts no more", async () => {
    const pool = poolOf("us");
    pool.add(1);
    await report(children[0]!.pid!, { sinceTakenMs: 60_000 });
    const ended = once(children[0]!, "exit");
    expect(await pool.endStuck(waiting)).toBe(1);
    expect((await pool.survey()).current).toBe(0);
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(pool.troubles()).toEqual({ failedStarts: 0, stuck: 1 });
  });

  test.each([
    ["took a task meanwhile", { sinceTakenMs: 59_000 }, waiting],
    ["waits for Postgres", { sinceTakenMs: 90_000, state: "holding" }, waiting],
    ["has nothing to take", { sinceTakenMs: 90_000 }, { tasks: 0, oldestMs: 0 }],
    ["has not lived so long", { sinceTakenMs: null }, waiting],
  ] as const)("is none that %s", async (_, more, runnable) => {
    const pool = poolOf("us");
    pool.add(1);
    await report(children[0]!.pid!, more);
    expect(await pool.endStuck(runnable)).toBe(0);
  });
});
