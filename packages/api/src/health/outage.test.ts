import { silentLog } from "@bee/core";
import { generateSecret, openDatabase } from "@bee/store";
import {
  freshDatabase,
  freshRedis,
  layWire,
  RecordingLog,
  type TestRedis,
  type TestStore,
  type Wire,
} from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { testConfig } from "../testing/api-under-test.ts";
import { type Ask, asker, problemIn } from "../testing/ask.ts";
import { disallowed, finishJob } from "../testing/seed.ts";
import { type Api, startApi } from "../wiring.ts";

const log = new RecordingLog();
const adminKey = generateSecret();
let stores: [TestStore, TestRedis];
let postgres: Wire;
let redis: Wire;
let api: Api;
let ask: Ask;

beforeAll(async () => {
  stores = await Promise.all([freshDatabase(), freshRedis()]);
  [postgres, redis] = await Promise.all([layWire(stores[0].url), layWire(stores[1].url)]);
  api = await startApi({
    config: testConfig(),
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    adminKey,
    log,
  });
  ask = asker(api.url, adminKey);
});
afterAll(async () => {
  await api.stop();
  await Promise.all([postgres.stop(), redis.stop()]);
  await Promise.all(stores.map((store) => store.stop()));
});
afterEach(async () => expect((await ask("/readyz")).status).toBe(200));

const submit = () => ask("/v1/jobs", { json: { domain: "outage.example" } });

/** Cuts Redis off for as long as `during` takes. */
async function withoutRedis(during: () => Promise<void>): Promise<void> {
  const lost = log.next("Redis is not reachable");
  await redis.cut();
  await lost;
  await during();
  const back = log.next("Redis is back");
  await redis.mend();
  await back;
}

test("while Redis is away the process is not ready, and says so", async () => {
  await withoutRedis(async () => {
    const answer = await ask("/readyz", { key: null });
    expect(problemIn(answer)).toMatchObject({
      status: 503,
      code: "unavailable",
      detail: expect.stringMatching(/from Redis$/),
    });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect((await ask("/livez")).status).toBe(200);
  });
});

test("while Redis is away jobs are accepted and shown; the fleet is not", async () => {
  await withoutRedis(async () => {
    const { status, json: job } = await submit();
    expect(status).toBe(201);
    expect(
      log.of("a job was stored but not queued; the reconciler will queue it").at(-1)?.fields,
    ).toMatchObject({ job: job.id });
    expect((await ask(`/v1/jobs/${job.id}`)).status).toBe(200);
    expect((await ask("/v1/jobs")).json.jobs[0].id).toBe(job.id);
    expect((await ask(`/v1/jobs/${job.id}/cancel`, { method: "POST" })).json.status).toBe("cancelled");
    const fleet = await ask("/v1/fleet");
    expect(problemIn(fleet)).toMatchObject({ status: 503, code: "unavailable" });
    expect(fleet.headers.get("retry-after")).toBe("5");
  });
});

test("while Postgres is away nothing is accepted, and nobody is told that it is their mistake", async () => {
  await postgres.cut();
  const ready = problemIn(await ask("/readyz"));
  expect(ready).toMatchObject({ status: 503, detail: expect.stringMatching(/from Postgres$/) });
  for (const answer of [await submit(), await ask("/v1/jobs"), await ask("/queues")]) {
    expect(problemIn(answer)).toMatchObject({ status: 503, code: "unavailable" });
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN/);
  }
  expect((await ask("/livez")).status).toBe(200);
  await postgres.mend();
  expect((await submit()).status).toBe(201);
});

test("a report that Postgres cannot finish breaks off, so that nobody takes it for whole", async () => {
  const { json: job } = await ask("/v1/jobs", { json: { domain: "long.example", maxPages: 5_000 } });
  const db = openDatabase({ url: stores[0].url, connections: 1, name: "test", log: silentLog });
  const urls = Array.from({ length: 5_000 }, (_, i) => `https://long.example/${i}`);
  await finishJob(db, job, Object.fromEntries(urls.map((url) => [url, disallowed("x".repeat(4_000))])));
  await db.destroy();
  const failed = log.next("request refused");
  const headers = { authorization: `Bearer ${adminKey}` };
  const response = await fetch(`${api.url}/v1/jobs/${job.id}/report?format=csv`, { headers });
  // The reader has not begun to read, so most of the 20 MB is still in Postgres.
  await postgres.cut();
  await expect(response.text()).rejects.toThrow("terminated");
  expect((await failed).fields).toMatchObject({ code: "unavailable" });
  await postgres.mend();
});

test("both may be away", async () => {
  await withoutRedis(async () => {
    await postgres.cut();
    expect(problemIn(await ask("/readyz")).detail).toMatch(/from Postgres and Redis$/);
    await postgres.mend();
  });
});

test("a Redis that is silent is not waited for", async () => {
  redis.silence();
  const started = performance.now();
  const [ready, job] = await Promise.all([ask("/readyz"), submit()]);
  expect(problemIn(ready).detail).toMatch(/from Redis$/);
  expect(job.status).toBe(201);
  expect(performance.now() - started).toBeLessThan(4_000);
  await redis.mend();
});

test("a Postgres that is silent is not waited for by the probe", async () => {
  postgres.silence();
  expect(problemIn(await ask("/readyz")).detail).toMatch(/from Postgres$/);
  await postgres.mend();
});
