import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import { beginExpansion, failJob } from "@bee/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { countJobs } from "../testing/look.ts";

let api: ApiUnderTest;
let redis: Redis;
let registry: FleetRegistry;

beforeAll(async () => {
  api = await startApiUnderTest();
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
beforeEach(() => redis.flushall());
afterEach(() => redis.config("SET", "maxmemory", "0"));
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

let sites = 0;
/** Submits at a process that has not looked at the fleet yet. @param report the workers that live then. */
async function submit(json: object, report: () => Promise<void> = async () => {}) {
  const another = await api.startAnother();
  try {
    await report();
    const url = `${another.url}/v1/jobs`;
    const body = JSON.stringify({ domain: `site-${sites++}.example`, ...json });
    const headers = { authorization: `Bearer ${api.adminKey}`, "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", headers, body });
    return { status: response.status, headers: response.headers, text: "", json: await response.json() };
  } finally {
    await another.stop();
  }
}

async function report(overloaded: number, atEase: number): Promise<void> {
  for (let i = 0; i < overloaded; i++) {
    await registry.report(workerReport({ id: `hot-${i}`, cpu: 95, overload: "cpu" }), 1);
  }
  for (let i = 0; i < atEase; i++) await registry.report(workerReport({ id: `cool-${i}` }), 1);
}

test("while the fleet is overloaded bulk jobs are told to come later, and leave nothing behind", async () => {
  const mostOverloaded = () => report(2, 1);
  const before = await countJobs(api);
  for (const priority of ["normal", "low"]) {
    const answer = await submit({ priority }, mostOverloaded);
    expect(problemIn(answer)).toMatchObject({ status: 429, code: "overloaded" });
    expect(problemIn(answer).detail).toContain(`another ${priority} job`);
    expect(answer.headers.get("retry-after")).toBe("30");
  }
  expect(await countJobs(api)).toBe(before);
  for (const priority of ["critical", "high"]) {
    expect((await submit({ priority }, mostOverloaded)).status).toBe(201);
  }
});

test("while the fleet is overloaded a bulk job is not retried, and stays as it is", async () => {
  const { id, domain } = (await api.ask("/v1/jobs", { json: { domain: "retried.example" } })).json;
  await beginExpansion(api.db, id);
  await failJob(api.db, id, domain, "the name does not exist");
  await report(2, 1);
  const another = await api.startAnother();
  const headers = { authorization: `Bearer ${api.adminKey}` };
  const response = await fetch(`${another.url}/v1/jobs/${id}/retry`, { method: "POST", headers });
  expect([response.status, await response.json()]).toMatchObject([
    429,
    { type: "urn:bee:problem:overloaded" },
  ]);
  await another.stop();
  expect((await api.ask(`/v1/jobs/${id}`)).json).toMatchObject({ status: "failed" });
});

test("a fleet of which half is at ease takes all jobs", async () => {
  expect((await submit({ priority: "low" }, () => report(1, 1))).status).toBe(201);
});

test("a Redis that is nearly full takes no job of any tier, before it would refuse one itself", async () => {
  const used = Number(/used_memory:(\d+)/.exec(await redis.info("memory"))![1]);
  await redis.config("SET", "maxmemory", Math.round(used / 0.95));
  const before = await countJobs(api);
  const answer = await submit({ priority: "critical" });
  expect(problemIn(answer)).toMatchObject({ status: 503, code: "unavailable" });
  expect(problemIn(answer).detail).toMatch(/expected room in Redis/);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await countJobs(api)).toBe(before);
  await redis.config("SET", "maxmemory", 4 * used);
  expect((await submit({ priority: "low" })).status).toBe(201);
});

test("many submissions cost Redis one look at the fleet", async () => {
  const another = await api.startAnother();
  await report(2, 0);
  const calls = async () =>
    Number(/cmdstat_info:calls=(\d+)/.exec(await redis.info("commandstats"))?.[1] ?? 0);
  // Each look of the test itself is one more.
  const before = await calls();
  const headers = { authorization: `Bearer ${api.adminKey}`, "content-type": "application/json" };
  const body = JSON.stringify({ domain: "many.example" });
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => fetch(`${another.url}/v1/jobs`, { method: "POST", headers, body })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([429]));
  expect((await calls()) - before).toBeLessThanOrEqual(1 + 2);
  await another.stop();
});
