import type { SchedulePlan } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import type { NewJob } from "./insert-job.ts";
import { cancelJob } from "./job-orders.ts";
import { getJob } from "./jobs.ts";
import { claimDue, readRunSetting, startRun } from "./schedule-claims.ts";
import { endRun, explainRun, listRuns, listWaitingRuns, requestRun } from "./schedule-runs.ts";
import {
  changeSchedule,
  createSchedule,
  getSchedule,
  listSchedules,
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  type Schedule,
} from "./schedules.ts";
import { OPTIONS, openFixture } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
let job: NewJob;
beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
  const rule = { requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" } as const;
  job = {
    ...{ keyId, url: "https://example.com/", domainId: await ensureDomain(db, "example.com", rule) },
    ...{ tier: "normal", region: "default", options: OPTIONS, webhookUrl: null, idempotency: null },
  };
});
afterAll(() => close());

const at = (time: string) => new Date(`2026-05-04T${time}:00Z`);
const request = { ...OPTIONS, url: "https://example.com/" };
const HOURLY: SchedulePlan = {
  ...{ cron: "0 * * * *", everySeconds: null, timeZone: "UTC", jitterSeconds: 0 },
  ...{ quietHours: null, overlap: "skip", missed: "run-once" },
};
const create = (plan: Partial<SchedulePlan> = {}, now = at("10:30")) =>
  createSchedule(db, keyId, { name: "nightly", request, plan: { ...HOURLY, ...plan } }, now);
const runsOf = async ({ id }: Schedule) =>
  (await listRuns(db, id, { limit: 50 })).map(({ dueAt, state, trigger }) => [
    dueAt.toISOString().slice(11, 16),
    state,
    trigger,
  ]);
/** Others' schedules are none of a test's business. */
const alone = (schedule: Schedule) => sql`delete from schedules where id <> ${schedule.id}`.execute(db);

test("what is due is claimed once, also by two leaders at the same moment", async () => {
  const schedule = await create();
  await alone(schedule);
  expect(await claimDue(db, at("10:59"))).toEqual([]);
  const claims = await Promise.all([1, 2, 3, 4].map(() => claimDue(db, at("11:00"))));
  expect(claims.flat()).toEqual([{ id: schedule.id, at: at("12:00") }]);
  expect(await runsOf(schedule)).toEqual([["11:00", "waiting", "time"]]);
  expect((await getSchedule(db, schedule.id))?.nextAt).toEqual(at("12:00"));
});

test("a run is started once, also by two leaders at the same moment, and its job says by which schedule", async () => {
  const schedule = await create();
  await alone(schedule);
  await claimDue(db, at("11:00"));
  const [run] = await listWaitingRuns(db, 10);
  const started = await Promise.all([1, 2, 3, 4].map(() => startRun(db, run!, job, null)));
  const [one, ...more] = started.filter((inserted) => inserted !== undefined);
  expect(more).toEqual([]);
  const { rows } = await sql`select id from jobs where schedule_id = ${schedule.id}`.execute(db);
  expect(rows).toEqual([{ id: one!.id }]);
  expect((await listRuns(db, schedule.id, { limit: 9 }))[0]).toMatchObject({
    state: "started",
    jobId: one!.id,
  });
  expect((await getJob(db, one!.id))?.scheduleId).toBe(schedule.id);
});

test("two runs of a schedule do not start beside each other", async () => {
  const schedule = await create();
  await alone(schedule);
  await claimDue(db, at("11:00"));
  await requestRun(db, schedule.id, "manual");
  const runs = await listWaitingRuns(db, 10);
  expect(runs).toHaveLength(2);
  const started = await Promise.all(runs.map((run) => startRun(db, run, job, null)));
  const inserted = started.filter((run) => run !== undefined);
  expect(inserted).toHaveLength(1);
  const left = await listWaitingRuns(db, 10);
  expect(await readRunSetting(db, left[0]!)).toMatchObject({
    ...{ first: true, keyValid: true, keyPlan: "standard" },
    openJobs: [{ id: inserted[0]!.id, domain: "example.com" }],
  });
  await cancelJob(db, { id: inserted[0]!.id, domain: "example.com" });
  expect(await readRunSetting(db, left[0]!)).toMatchObject({ openJobs: [] });
});

test("a run that waits for its schedule's job, and names it, takes no other's place until that has ended", async () => {
  const schedule = await create({ overlap: "queue" });
  await alone(schedule);
  const { id } = (await startRun(db, (await requestRun(db, schedule.id, "manual"))!, job, null))!;
  const waits = (await requestRun(db, schedule.id, "manual"))!;
  expect(await listWaitingRuns(db, 1)).toMatchObject([{ id: waits.id }]);
  await explainRun(db, waits.id, "another run of the schedule is before it");
  expect(await listWaitingRuns(db, 1)).toMatchObject([{ id: waits.id }]);
  await explainRun(db, waits.id, `job ${id} of an earlier run has not ended`);
  const other = (await requestRun(db, (await create()).id, "manual"))!;
  expect(await listWaitingRuns(db, 1)).toMatchObject([{ id: other.id }]);
  await cancelJob(db, { id, domain: "example.com" });
  expect(await listWaitingRuns(db, 1)).toMatchObject([{ id: waits.id }]);
});

test("a job that the quota does not allow leaves its run as it was", async () => {
  const schedule = await create();
  await alone(schedule);
  const run = (await requestRun(db, schedule.id, "manual"))!;
  await expect(startRun(db, run, job, 1)).rejects.toThrow("more pages today");
  expect(await runsOf(schedule)).toMatchObject([[expect.any(String), "waiting", "manual"]]);
  await endRun(db, run.id, "failed", "no pages left");
  expect((await listRuns(db, schedule.id, { limit: 1 }))[0]).toMatchObject({
    state: "failed",
    reason: "no pages left",
  });
});

test("of what was missed one run is made up for, or none", async () => {
  const once = await create();
  const none = await create({ missed: "skip" });
  await sql`delete from schedules where id <> ${once.id} and id <> ${none.id}`.execute(db);
  // Nobody led from 10:30 to a moment after two o'clock.
  while ((await claimDue(db, at("14:01"))).length > 0);
  expect(await runsOf(once)).toEqual([["11:00", "waiting", "time"]]);
  expect(await runsOf(none)).toEqual([
    ["14:00", "waiting", "time"],
    ["11:00", "missed", "time"],
  ]);
  for (const { id } of [once, none]) expect((await getSchedule(db, id))?.nextAt).toEqual(at("15:00"));
});

test("wishes that come while one waits are one run", async () => {
  const schedule = await create();
  const runs = await Promise.all([1, 2, 3].map(() => requestRun(db, schedule.id, "hook")));
  expect(new Set(runs.map((run) => run!.id)).size).toBe(1);
});

test("a paused schedule is not due, and what it missed is not made up for", async () => {
  const schedule = await create();
  await alone(schedule);
  expect((await pauseSchedule(db, schedule.id))?.nextAt).toBeNull();
  expect(await claimDue(db, at("13:00"))).toEqual([]);
  expect((await resumeSchedule(db, schedule.id, at("13:30")))?.nextAt).toEqual(at("14:00"));
  // Repeated, it changes nothing.
  expect((await resumeSchedule(db, schedule.id, at("15:30")))?.nextAt).toEqual(at("14:00"));
});

test("another plan is due from now on; an interval that stays goes on as it did", async () => {
  const plan = { ...HOURLY, cron: null, everySeconds: 3_600 };
  const schedule = await create(plan);
  const change = (more: Partial<SchedulePlan>, now: Date) =>
    changeSchedule(db, schedule.id, { name: "other", request, plan: { ...plan, ...more } }, now);
  expect((await change({ overlap: "queue" }, at("11:45")))?.nextAt).toEqual(at("12:30"));
  expect((await change({ everySeconds: 600 }, at("11:45")))?.nextAt).toEqual(at("11:55"));
});

test("a schedule that is removed leaves its jobs, and its runs go with it", async () => {
  const schedule = await create();
  const run = (await requestRun(db, schedule.id, "manual"))!;
  const { id } = (await startRun(db, run, job, null))!;
  await removeSchedule(db, schedule.id);
  expect(await getSchedule(db, schedule.id)).toBeUndefined();
  expect(await getJob(db, id)).toMatchObject({ status: "pending", scheduleId: null });
});

test("schedules are listed page by page, each key's own", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await create()).id);
  const first = await listSchedules(db, { keyId, limit: 2 });
  const second = await listSchedules(db, { keyId, limit: 1, before: first[1]!.id });
  expect([...first, ...second].map(({ id }) => id)).toEqual(ids);
  expect(await listSchedules(db, { keyId: "00000000-0000-7000-8000-000000000001", limit: 5 })).toEqual([]);
});
