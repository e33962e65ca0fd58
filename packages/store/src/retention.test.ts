import type { SchedulePlan } from "@bee/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { listDecisions, recordDecision } from "./decisions.ts";
import { cancelJob, retryJob } from "./job-orders.ts";
import { getJob, listJobs } from "./jobs.ts";
import { findPreviousJob } from "./previous-job.ts";
import { forgetOld } from "./retention.ts";
import { addRun, listRuns } from "./schedule-runs.ts";
import { createSchedule } from "./schedules.ts";
import { settle } from "./settle.ts";
import { listSwept, sweepJob } from "./sweep.ts";
import { OK, OPTIONS, openFixture, resultOf, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
beforeEach(async () => {
  await sql`truncate jobs, pages, tallies, decisions, robots`.execute(db);
});
afterAll(() => close());

const DAY_MS = 86_400_000;
const KEEP_MS = 30 * DAY_MS;

async function completedJob(domain: string, daysAgo: number): Promise<{ id: string; domain: string }> {
  const { job: id, tasks } = await startJob(db, { keyId, domain, pages: 1 });
  await settle(db, [resultOf(tasks[0]!, OK)]);
  await age(id, daysAgo);
  return { id, domain };
}

async function age(job: string, days: number): Promise<void> {
  await sql`update jobs set finished_at = now() - make_interval(days => ${days}) where id = ${job}`.execute(
    db,
  );
}

async function sweepAll(): Promise<void> {
  for (const job of await listSwept(db, 100)) while (!(await sweepJob(db, job)).done);
}

async function rowsLeft(job: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    select (select count(*) from jobs where id = ${job}) + (select count(*) from pages where job_id = ${job})
      + (select count(*) from tallies where job_id = ${job}) as n`.execute(db);
  return Number(rows[0]!.n);
}

test("an old job is gone at once for whoever asks, and its rows with the sweep", async () => {
  const old = await completedJob("old.test", 31);
  const newer = await completedJob("old.test", 29);
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 1, records: 0 });
  expect(await getJob(db, old.id)).toBeUndefined();
  expect((await listJobs(db, { limit: 10 })).map(({ id }) => id)).toEqual([newer.id]);
  expect(await findPreviousJob(db, (await getJob(db, newer.id))!, 100)).toBeUndefined();
  await sweepAll();
  expect(await rowsLeft(old.id)).toBe(0);
  expect(await rowsLeft(newer.id)).toBe(3);
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 0, records: 0 });
});

test("a job of several chunks is deleted to its last page, also by two at once", async () => {
  const { job: id } = await startJob(db, {
    keyId,
    domain: "large.test",
    pages: 5_000,
    options: { maxPages: 9_000 },
  });
  const job = { id, domain: "large.test" };
  await cancelJob(db, job);
  await sweepAll();
  await age(id, 31);
  await forgetOld(db, KEEP_MS);
  await Promise.all([sweepAll(), sweepAll()]);
  expect(await rowsLeft(id)).toBe(0);
});

test("a job that has not ended stays, however old; so does one that is still being swept", async () => {
  const { job: running } = await startJob(db, { keyId, domain: "running.test", pages: 2 });
  await sql`update jobs set created_at = now() - interval '1 year' where id = ${running}`.execute(db);
  const { job: swept } = await startJob(db, {
    keyId,
    domain: "swept.test",
    pages: 5_000,
    options: { maxPages: 9_000 },
  });
  expect((await cancelJob(db, { id: swept, domain: "swept.test" })).sweep).toBe(true);
  await age(swept, 31);
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 0, records: 0 });
  expect(await getJob(db, running)).toBeDefined();
});

test("an order to a forgotten job is answered as one to a job that never was, and changes nothing", async () => {
  const old = await completedJob("order.test", 31);
  await forgetOld(db, KEEP_MS);
  await expect(retryJob(db, old)).rejects.toMatchObject({ code: "not-found" });
  await sweepAll();
  expect(await rowsLeft(old.id)).toBe(0);
});

test("old decisions go, and copies of robots.txt that have been of no use for as long", async () => {
  for (const reason of ["old", "new"])
    await recordDecision(db, { region: "default", class: "general", from: 1, to: 3, reason, inputs: null });
  await sql`update decisions set at = now() - interval '31 days' where reason = 'old'`.execute(db);
  await sql`insert into robots (origin, record, expires_at) values
    ('https://old.test', '{}', now() - interval '31 days'), ('https://new.test', '{}', now())`.execute(db);
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 0, records: 2 });
  expect((await listDecisions(db, 10)).map(({ reason }) => reason)).toEqual(["new"]);
  const { rows } = await sql<{ origin: string }>`select origin from robots`.execute(db);
  expect(rows).toEqual([{ origin: "https://new.test" }]);
});

test("what has piled up goes in one call, also where it is more than one statement takes", async () => {
  await sql`insert into decisions (at, region, worker_class, from_workers, to_workers, reason)
    select now() - interval '31 days', 'default', 'general', 1, 2, 'old' from generate_series(1, 2500)`.execute(
    db,
  );
  await sql`insert into robots (origin, record, expires_at)
    select 'https://' || n || '.test', '{}', now() - interval '31 days' from generate_series(1, 1500) n`.execute(
    db,
  );
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 0, records: 4_000 });
});

test("what became of a schedule's runs goes with the jobs, but not a run that waits", async () => {
  const plan: SchedulePlan = {
    ...{ cron: "0 3 * * *", everySeconds: null, timeZone: "UTC", jitterSeconds: 0 },
    ...{ quietHours: null, overlap: "skip", missed: "skip" },
  };
  const now = new Date();
  const content = { name: "nightly", request: { ...OPTIONS, url: "https://example.com/" }, plan };
  const { id } = await createSchedule(db, keyId, content, now);
  const daysAgo = (days: number) => new Date(now.getTime() - days * DAY_MS);
  await addRun(db, { scheduleId: id, dueAt: daysAgo(31), trigger: "time", state: "missed" });
  const waits = await addRun(db, { scheduleId: id, dueAt: daysAgo(32), trigger: "time", state: "waiting" });
  const fresh = await addRun(db, { scheduleId: id, dueAt: daysAgo(29), trigger: "time", state: "missed" });
  expect(await forgetOld(db, KEEP_MS)).toEqual({ jobs: 0, records: 1 });
  const left = await listRuns(db, id, { limit: 9 });
  expect(left.map((run) => run.id)).toEqual([fresh!.id, waits!.id]);
});
