import { recordSample, type Sample } from "@bee/store";
import { runSql } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";

let api: ApiUnderTest;

beforeAll(async () => {
  api = await startApiUnderTest();
});
beforeEach(() => runSql(api.databaseUrl, "delete from samples"));
afterAll(() => api.stop());

const SAMPLE: Omit<Sample, "at"> = {
  seconds: 30,
  workers: 6,
  desired: 9,
  busy: 60,
  usable: 600,
  queued: { critical: 0, high: 1, normal: 2, low: 3 },
  oldestMs: 40,
  connections: 17,
  cpu: 40.126,
  memory: 600e6,
  memoryShare: 0.25,
  redisMemory: 5e6,
  visits: 300,
  failures: 3,
  p95Ms: 400,
  meanMs: 100,
  taskMs: 500,
};

test("the history of the last hour has what was measured, as rates", async () => {
  await recordSample(api.db, SAMPLE);
  const { json } = await api.ask("/v1/fleet/history");
  expect(json).toEqual({
    range: "hour",
    points: [
      {
        at: expect.stringMatching(/Z$/),
        workers: 6,
        desired: 9,
        busy: 60,
        usable: 600,
        queued: { critical: 0, high: 1, normal: 2, low: 3 },
        oldestMs: 40,
        connections: 17,
        cpu: 40.13,
        memory: 600e6,
        memoryShare: 0.25,
        redisMemory: 5e6,
        visitsPerSecond: 10,
        errorRate: 0.01,
        p95Ms: 400,
        meanMs: 100,
        taskMs: 500,
      },
    ],
  });
});

test("a span without visits has no error rate", async () => {
  await recordSample(api.db, { ...SAMPLE, visits: 0, failures: 0, p95Ms: null, meanMs: null, taskMs: null });
  const { points } = (await api.ask("/v1/fleet/history?range=day")).json;
  expect(points).toMatchObject([{ visitsPerSecond: 0, errorRate: null, p95Ms: null }]);
});

test("a range that there is not is refused, and so is who has no key", async () => {
  const problem = problemIn(await api.ask("/v1/fleet/history?range=year"));
  expect(problem.status).toBe(422);
  expect(problem.detail).toContain("/range");
  expect(problemIn(await api.ask("/v1/fleet/history", { key: null })).status).toBe(401);
});

test("the domains that most pages failed of come first, those of yesterday's jobs not at all", async () => {
  const jobOf = async (domain: string, failed: number, succeeded: number) => {
    const { id } = (await api.ask("/v1/jobs", { json: { domain } })).json;
    const counts = { failed, succeeded, total: failed + succeeded };
    await api.db.updateTable("jobs").set(counts).where("id", "=", id).execute();
    return id as string;
  };
  await jobOf("few.example", 1, 3);
  await jobOf("many.example", 1, 0);
  await jobOf("many.example", 2, 0);
  await jobOf("well.example", 0, 2);
  const old = await jobOf("old.example", 2, 0);
  // Its id says when it was submitted.
  await runSql(
    api.databaseUrl,
    `update jobs set id = '${old.replace(/^.{13}/, "01900000-0000")}' where id = '${old}'`,
  );
  expect((await api.ask("/v1/fleet/errors")).json).toEqual({
    domains: [
      { domain: "many.example", failed: 3, pages: 3, errorRate: 1 },
      { domain: "few.example", failed: 1, pages: 4, errorRate: 0.25 },
    ],
  });
});
