import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { FleetRegistry, GONE_MS, openRedis, type Redis, SpawnedWorkers, type WorkerReport } from "@bee/queue";
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

const poolOf = (owner: string, options: { script?: string; now?: () => number } = {}) =>
  new WorkerPool({
    registry,
    fleet: FLEET,
    spawned: new SpawnedWorkers(redis, FLEET, owner, "here"),
    spawn: () => spawnProcess(options.script),
    owner,
    host: "here",
    log: silentLog,
    ...options,
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

describe("workers that a scaler before us had just started", () => {
  test("count before they have reported themselves", async () => {
    poolOf("us").add(2);
    expect((await poolOf("us").survey()).current).toBe(2);
    expect((await poolOf("them").survey()).current).toBe(0);
  });

  test("and had asked to end count no more", async () => {
    const before = poolOf("us", { script: "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)" });
    before.add(2);
    expect(await before.retire(1)).toBe(1);
    expect((await poolOf("us").survey()).current).toBe(1);
  });

  test("count no more when they have ended, although nobody collects them", async () => {
    // A shell that has become another program knows of no children.
    const parent = spawn("sh", ["-c", "sleep 1000 & echo $!; exec sleep 1000"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    children.push(parent);
    const orphan = Number(String((await once(parent.stdout, "data"))[0]));
    await report(orphan);
    const pool = poolOf("us");
    expect((await pool.survey()).current).toBe(1);
    process.kill(orphan, "SIGKILL");
    while ((await pool.survey()).current > 0) await setImmediate();
    expect(process.kill(orphan, 0)).toBe(true);
  });
});

test("stopping ends our workers, also those that a scaler before us started, and leaves those of others alone", async () => {
  const adopted = spawnProcess();
  const stranger = spawnProcess();
  await report(adopted.pid!);
  await report(stranger.pid!, { owner: "them" });
  const pool = poolOf("us");
  pool.add(1);
  const ended = [adopted, children[2]!].map((child) => once(child, "exit"));
  await pool.stop();
  await Promise.all(ended);
  expect(children.map((child) => child.signalCode)).toEqual(["SIGTERM", null, "SIGTERM"]);
});

describe("workers that end before they work", () => {
  test("are started again one by one, and not at once", async () => {
    let now = 0;
    const crashing = poolOf("us", { script: "process.exit(1)", now: () => now });
    expect(crashing.add(3)).toBe(3);
    await Promise.all(children.map((child) => once(child, "exit")));
    expect(crashing.add(3)).toBe(0);
    expect(children).toHaveLength(3);
    now += 4_000;
    expect(crashing.add(3)).toBe(1);
    await once(children[3]!, "exit");
    expect(crashing.troubles().failedStarts).toBe(4);
    now += 7_999;
    expect(crashing.add(3)).toBe(0);
    now += 1;
    expect(crashing.add(3)).toBe(1);
  });

  test("are a story of the past as soon as one works", async () => {
    let now = 0;
    const pool = poolOf("us", { now: () => now });
    pool.add(1);
    children[0]!.kill("SIGKILL");
    await once(children[0]!, "exit");
    expect(pool.troubles().failedStarts).toBe(1);
    now += 1_000;
    pool.add(1);
    await report(children[1]!.pid!);
    await pool.survey();
    expect(pool.troubles().failedStarts).toBe(0);
    expect(pool.add(5)).toBe(5);
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
    let now = 0;
    const pool = poolOf("us", { now: () => now });
    pool.add(1);
    await report(children[0]!.pid!, { sinceTakenMs: 60_000 });
    const ended = once(children[0]!, "exit");
    expect(await pool.endStuck(waiting)).toBe(1);
    expect((await pool.survey()).current).toBe(0);
    expect(await ended).toEqual([null, "SIGTERM"]);
    expect(pool.troubles().stuck).toBe(1);
    now += 5 * 60_000;
    expect(pool.troubles().stuck).toBe(0);
  });

  test.each<["SIGSTOP" | null, string, number]>([
    ["SIGSTOP", "was stopped", 60_000 - GONE_MS],
    [null, "never said anything", 60_000],
  ])("is killed when it (%s) %s: it would not hear that it is to end", async (signal, _, afterMs) => {
    let now = 0;
    const pool = poolOf("us", { now: () => now });
    pool.add(1);
    const [child] = children;
    if (signal !== null) {
      await report(child!.pid!);
      await pool.endStuck({ tasks: 0, oldestMs: 0 });
      child!.kill(signal);
      await registry.leave(`worker-${child!.pid}`);
    }
    const ended = once(child!, "exit");
    expect(await pool.endStuck({ tasks: 0, oldestMs: 0 })).toBe(0);
    now += afterMs - 1;
    expect(await pool.endStuck({ tasks: 0, oldestMs: 0 })).toBe(0);
    now += 1;
    expect(await pool.endStuck({ tasks: 0, oldestMs: 0 })).toBe(1);
    expect((await pool.survey()).current).toBe(0);
    expect((await ended)[1]).toMatch(/SIGTERM|SIGKILL/);
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
