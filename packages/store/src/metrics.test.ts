import { silentLog } from "@bee/core";
import { freshDatabase, runSql, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Database, openDatabase } from "./database.ts";
import { listHistory, pruneSamples, recordSample, type Sample } from "./metrics.ts";

let database: TestStore;
let db: Database;

beforeAll(async () => {
  database = await freshDatabase();
  db = openDatabase({ url: database.url, connections: 2, name: "test", log: silentLog });
});
beforeEach(async () => {
  await runSql(database.url, "delete from samples");
});
afterAll(async () => {
  await db.destroy();
  await database.stop();
});

const SAMPLE: Omit<Sample, "at"> = {
  seconds: 30,
  workers: 3,
  desired: 3,
  busy: 60,
  usable: 600,
  queued: { critical: 0, high: 1, normal: 2, low: 3 },
  oldestMs: 40,
  connections: 11,
  cpu: 40,
  memory: 300e6,
  memoryShare: 0.25,
  redisMemory: 5e6,
  visits: 300,
  failures: 3,
  p95Ms: 400,
  meanMs: 100,
  taskMs: 500,
};

/** Takes a sample as if it had been a while ago, on a moment that begins five minutes. */
async function sampleAgo(ago: string, more: Partial<Sample> = {}): Promise<void> {
  await recordSample(db, { ...SAMPLE, ...more });
  await runSql(
    database.url,
    `update samples set at = date_bin('5 min', now(), 'epoch') - interval '${ago}' where at > now() - interval '1 minute'`,
  );
}

const count = async () => (await db.selectFrom("samples").selectAll().execute()).length;

test("a sample comes back as it was taken", async () => {
  await recordSample(db, SAMPLE);
  expect(await listHistory(db, "hour")).toEqual([{ at: expect.any(Date), ...SAMPLE }]);
});

test("samples of one step are one point: gauges by their time, means by their visits, counts added up, the worst p95", async () => {
  await sampleAgo("2 hours", { seconds: 30 });
  await sampleAgo("119 minutes", {
    seconds: 90,
    workers: 7,
    queued: { critical: 4, high: 1, normal: 2, low: 3 },
    visits: 100,
    failures: 0,
    p95Ms: 900,
    meanMs: 300,
    taskMs: null,
  });
  const { at: _, ...point } = (await listHistory(db, "day"))[0]!;
  expect(point).toEqual({
    ...SAMPLE,
    seconds: 120,
    workers: 6,
    queued: { critical: 3, high: 1, normal: 2, low: 3 },
    visits: 400,
    failures: 3,
    p95Ms: 900,
    meanMs: 150,
    taskMs: 500,
  });
});

test("a span without visits tells no times", async () => {
  await recordSample(db, { ...SAMPLE, visits: 0, failures: 0, p95Ms: null, meanMs: null, taskMs: null });
  expect((await listHistory(db, "hour"))[0]).toMatchObject({ visits: 0, p95Ms: null, meanMs: null });
});

test.each([
  ["hour", 5],
  ["day", 60],
  ["week", 300],
] as const)("the last %s is told in 360 points at most, the oldest first", async (range, everySeconds) => {
  await runSql(
    database.url,
    `insert into samples select now() - make_interval(secs => n * ${everySeconds}), false, 5, 3, 3, 1, 600, 0, 0, 0, 0, 0, 9, 40,
       3e8, 0.2, 5e6, 10, 0, 100, 50, 200 from generate_series(0, 2100) as n`,
  );
  const points = await listHistory(db, range);
  expect(points.length).toBeGreaterThan(280);
  expect(points.length).toBeLessThanOrEqual(360);
  const times = points.map(({ at }) => at.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("what is older than a day is kept by five minutes, and a week's history tells the same as before", async () => {
  await sampleAgo("30 hours");
  await sampleAgo("1799 minutes", { workers: 5, visits: 100 });
  await sampleAgo("1 hour");
  await sampleAgo("8 days");
  const before = await listHistory(db, "week");
  expect(await pruneSamples(db)).toBeGreaterThan(0);
  expect(await count()).toBe(2);
  expect(await listHistory(db, "week")).toEqual(before);
  expect(await pruneSamples(db)).toBe(0);
  expect(await count()).toBe(2);
});
