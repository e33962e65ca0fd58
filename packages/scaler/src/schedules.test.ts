import { once } from "node:events";
import { parseConfig, type SchedulePlan, silentLog } from "@bee/core";
import { AllQueues, FleetRegistry, openRedis, type Redis, ScheduleWaker, ScheduleWakes } from "@bee/queue";
import {
  cancelJob,
  createKey,
  createSchedule,
  type Database,
  getJob,
  getSchedule,
  listJobs,
  listRuns,
  openDatabase,
  pauseSchedule,
  requestRun,
  revokeKey,
  type Schedule,
} from "@bee/store";
import { freshDatabase, freshRedis, runSql, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { Schedules } from "./schedules.ts";

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let queues: AllQueues;
let wakes: ScheduleWakes;
let keyId: string;
let now: Date;
/** Two leaders, as in a hand-over. */
let leaders: readonly [Schedules, Schedules];

const config = parseConfig({ BEE_PAGES_PER_DAY: "standard=500,premium=none" }, () => "");

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 6, name: "test", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new AllQueues(redis);
  wakes = new ScheduleWakes(redis);
  const registry = new FleetRegistry(redis);
  const options = { db, redis, queues, registry, wakes, config, log: silentLog, now: async () => now };
  leaders = [new Schedules(options), new Schedules(options)];
  keyId = (await createKey(db, "test", "premium")).key.id;
});
afterEach(() => runSql(database.url, "delete from schedules"));
afterAll(async () => {
  await Promise.all([wakes.close(), queues.close()]);
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), server.stop()]);
});

const at = (time: string) => new Date(`2100-05-04T${time}:00Z`);
const both = () => Promise.all(leaders.map((leader) => leader.runOnce()));

let domains = 0;
async function create(plan: Partial<SchedulePlan> = {}, key = keyId): Promise<Schedule> {
  const url = `https://schedule-${domains++}.test/`;
  const request = {
    ...{ url, maxPages: 400, useSitemap: true, followLinks: false, include: [], exclude: [] },
    verify: "all" as const,
  };
  const hourly: SchedulePlan = {
    ...{ cron: "0 * * * *", everySeconds: null, timeZone: "UTC", jitterSeconds: 0 },
    ...{ quietHours: null, overlap: "skip", missed: "run-once" },
  };
  return createSchedule(db, key, { name: "hourly", request, plan: { ...hourly, ...plan } }, at("10:30"));
}
const jobsOf = async ({ id, request }: Schedule) => {
  const jobs = await listJobs(db, { domain: new URL(request.url!).hostname, limit: 50 });
  expect(new Set(jobs.map(({ scheduleId }) => scheduleId)).size).toBeLessThan(2);
  return jobs.filter(({ scheduleId }) => scheduleId === id);
};
const statesOf = async ({ id }: Schedule) => (await listRuns(db, id, { limit: 9 })).map(({ state }) => state);

test("a run starts one job, also with two leaders in a hand-over, and its expansion is queued", async () => {
  const schedule = await create();
  now = at("10:59");
  await both();
  expect(await jobsOf(schedule)).toEqual([]);
  now = at("11:00");
  await both();
  await both();
  const [job, ...more] = await jobsOf(schedule);
  expect([job, more]).toMatchObject([{ tier: "high", url: schedule.request.url, status: "pending" }, []]);
  const fleet = { region: "default", workerClass: "general" };
  expect(await queues.missing([{ id: `expand-${job!.id}`, tier: "high", ...fleet }])).toEqual(new Set());
});

test("a Redis that lost everything costs no run: wake-ups are set anew", async () => {
  const schedule = await create();
  await both();
  expect(await wakes.count()).toBe(1);
  await redis.flushall();
  expect(await wakes.count()).toBe(0);
  await leaders[0].runOnce();
  expect(await wakes.count()).toBe(1);
  await redis.flushall();
  now = at("11:00");
  await both();
  expect(await jobsOf(schedule)).toHaveLength(1);
  expect((await getSchedule(db, schedule.id))?.nextAt).toEqual(at("12:00"));
});

test("a schedule that is paused or removed has no wake-up any more", async () => {
  const schedule = await create();
  await both();
  await pauseSchedule(db, schedule.id);
  await leaders[0].runOnce();
  expect(await wakes.count()).toBe(0);
});

test("a wake-up comes when it is set for, and again for the time after", async () => {
  const heard: string[] = [];
  const ears = new EventTarget();
  const waker = new ScheduleWaker(
    redis,
    async () => {
      heard.push("wake");
      ears.dispatchEvent(new Event("wake"));
    },
    silentLog,
  );
  waker.start();
  try {
    for (const inMs of [300, 300, -1_000]) {
      const woken = once(ears, "wake");
      await wakes.set({ id: "01a207a2-36d3-76e7-a6e9-21644bcea641", at: new Date(Date.now() + inMs) });
      await woken;
    }
    expect(heard).toHaveLength(3);
  } finally {
    await waker.stop();
    await wakes.unset("01a207a2-36d3-76e7-a6e9-21644bcea641");
  }
});

test("while its job goes on, a run is skipped, waits for its end, or takes its place", async () => {
  const skip = await create({ overlap: "skip" });
  const queue = await create({ overlap: "queue" });
  const replace = await create({ overlap: "replace" });
  for (const hour of ["11:00", "12:00", "13:00"]) {
    now = at(hour);
    await both();
  }
  expect(await statesOf(skip)).toEqual(["skipped", "skipped", "started"]);
  expect((await listRuns(db, skip.id, { limit: 1 }))[0]?.reason).toMatch(
    /^job \S+ of an earlier run has not ended$/,
  );
  expect(await statesOf(queue)).toEqual(["skipped", "waiting", "started"]);
  expect(await statesOf(replace)).toEqual(["started", "started", "started"]);
  expect((await jobsOf(replace)).map(({ status }) => status)).toEqual(["pending", "cancelled", "cancelled"]);

  const [job] = await jobsOf(queue);
  await cancelJob(db, job!);
  await both();
  expect(await statesOf(queue)).toEqual(["skipped", "started", "started"]);
  expect(await jobsOf(queue)).toHaveLength(2);
});

test("who may not submit a job has no run: a revoked key, or one without pages left", async () => {
  const { key } = await createKey(db, "poor", "standard");
  const schedules = [await create({}, key.id), await create({}, key.id)];
  now = at("11:00");
  await both();
  const states = await Promise.all(schedules.map(statesOf));
  expect(states.flat().toSorted()).toEqual(["failed", "started"]);
  for (const schedule of schedules) for (const job of await jobsOf(schedule)) await cancelJob(db, job);
  await revokeKey(db, key.id);
  now = at("12:00");
  await both();
  for (const { id } of schedules) {
    expect((await listRuns(db, id, { limit: 1 }))[0]).toMatchObject({
      ...{ state: "failed", reason: "the schedule's key is revoked or has expired" },
    });
  }
});

test("a run that was asked for starts beside those that are due", async () => {
  const schedule = await create();
  now = at("10:45");
  await requestRun(db, schedule.id, "manual");
  await both();
  const [run] = await listRuns(db, schedule.id, { limit: 1 });
  expect(run).toMatchObject({ state: "started", trigger: "manual" });
  expect((await getJob(db, run!.jobId!))?.scheduleId).toBe(schedule.id);
  expect((await getSchedule(db, schedule.id))?.nextAt).toEqual(at("11:00"));
});
