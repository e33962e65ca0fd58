import { silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
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
beforeEach(async () => {
  await redis.flushall();
  await comesUp("eu");
  await comesUp("us");
  await comesUp("us", "high-capacity");
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

const comesUp = (region: string, workerClass = "general", busy = 0) =>
  registry.report(workerReport({ id: `${region}-${workerClass}`, region, class: workerClass, busy }), 1);

const submit = async (json: object, headers: Record<string, string> = {}) =>
  api.ask("/v1/jobs", { json, headers });
const waitingIn = async (queue: string) => redis.lrange(`{bee}:${queue}:wait`, 0, -1);

test("a job runs in the region that it asks for, and its task is in the queues there", async () => {
  const { status, json } = await submit({ domain: "asked.example", region: "us" });
  expect(status).toBe(201);
  expect(json).toMatchObject({ region: "us", class: "general", routing: "us was asked for" });
  expect(await waitingIn("us-general-normal")).toEqual([`expand-${json.id}`]);
  expect((await api.ask(`/v1/jobs/${json.id}`)).json).toMatchObject({
    waiting: [{ reason: "tier-share" }],
    routing: "us was asked for",
  });
});

test("a region without workers is refused with those that have some, and changes nothing", async () => {
  const before = await countJobs(api);
  const problem = problemIn(await submit({ domain: "unknown.example", region: "mars" }));
  const detail = 'expected a region with workers (eu, us), got "mars"; without one the nearest is taken';
  expect(problem).toMatchObject({
    status: 422,
    code: "invalid-request",
    errors: [{ pointer: "/region", detail }],
  });
  expect(await countJobs(api)).toBe(before);
  const domains = await api.db
    .selectFrom("domains")
    .select("name")
    .where("name", "=", "unknown.example")
    .execute();
  expect(domains).toEqual([]);
});

test("a repeated request is what it was, also when its region has lost its workers since", async () => {
  const body = { domain: "repeated.example", region: "eu" };
  const first = await submit(body, { "idempotency-key": "once" });
  await registry.leave("eu-general");
  const again = await submit(body, { "idempotency-key": "once" });
  expect([again.status, again.json.id]).toEqual([201, first.json.id]);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(problemIn(await submit({ ...body, maxPages: 3 }, { "idempotency-key": "once" })).code).toBe(
    "idempotency-mismatch",
  );
});

describe("a job that asks for no region", () => {
  test("goes where the most room is while nothing is known of its domain", async () => {
    await comesUp("eu", "general", 20);
    expect((await submit({ domain: "roomy.example" })).json).toMatchObject({
      region: "us",
      routing: "nothing says which region is near, and us has the most room",
    });
  });

  test("goes where its first bytes came fastest, and elsewhere while that is full", async () => {
    for (const [region, ms] of [
      ["eu", 70],
      ["us", 300],
    ] as const)
      await visited("measured.example", region, ms);
    expect((await submit({ domain: "measured.example" })).json).toMatchObject({
      region: "eu",
      routing: "eu is nearest: 70 ms to the first byte, 300 ms in us",
    });
    await comesUp("eu", "general", 190);
    expect((await submit({ domain: "measured.example" })).json.region).toBe("us");
  });

  test("of many pages goes to high capacity where its region has some; of a small domain it does not", async () => {
    const many = { domain: "many.example", region: "us", maxPages: 5_000 };
    expect((await submit(many)).json).toMatchObject({
      class: "high-capacity",
      routing: "us was asked for; 5,000 pages need its high capacity",
    });
    expect((await submit({ ...many, region: "eu" })).json.class).toBe("general");
    await visited("many.example", "us", 100);
    expect((await submit(many)).json.class).toBe("general");
  });
});

/** A completed job of one page in a region. */
async function visited(domain: string, region: string, ttfbMs: number): Promise<void> {
  const { json: job } = await submit({ domain, region });
  const { domain_id } = await api.db
    .updateTable("jobs")
    .set({ status: "completed", total: 1, succeeded: 1 })
    .where("id", "=", job.id)
    .returning("domain_id")
    .executeTakeFirstOrThrow();
  const page = {
    job_id: job.id,
    domain_id,
    url: job.url,
    state: "succeeded" as const,
    outcome: "ok" as const,
  };
  await api.db
    .insertInto("pages")
    .values({ ...page, ttfb_ms: ttfbMs })
    .execute();
}
