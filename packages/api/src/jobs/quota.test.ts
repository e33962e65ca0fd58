import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { asker, problemIn } from "../testing/ask.ts";
import { countJobs } from "../testing/look.ts";
import { done, finishJob } from "../testing/seed.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({ pagesPerDay: { standard: 500, premium: 100_000, operator: null } });
});
afterAll(() => api.stop());

const user = async () => asker(api.url, (await api.newKey("standard")).secret);
const job = (maxPages: number) => ({ json: { domain: "quota.example", maxPages } });
/** What a header says of one limit. */
const limitIn = (headers: Headers, name: string, limit: string) =>
  (headers.get(name) ?? "").split(", ").find((item) => item.startsWith(`"${limit}"`));

const pagesOf = (pages: number) =>
  Object.fromEntries(Array.from({ length: pages }, (_, i) => [`https://quota.example/${i}`, done()]));

test("the answer to a job says what is left of the day, until a job is refused", async () => {
  const ask = await user();
  const first = await ask("/v1/jobs", job(300));
  expect(first.status).toBe(201);
  expect(limitIn(first.headers, "ratelimit-policy", "pages")).toBe('"pages";q=500;w=86400');
  expect(limitIn(first.headers, "ratelimit", "pages")).toMatch(/^"pages";r=200;t=\d+$/);
  const before = await countJobs(api);
  const refused = await ask("/v1/jobs", job(201));
  expect(problemIn(refused)).toMatchObject({
    ...{ status: 429, code: "quota-exceeded" },
    detail:
      "expected at most 200 more pages today, for 300 of 500 are taken, got a job of up to 201; ask for fewer with maxPages, or ask again in a moment, when it is known how many pages the jobs before really have",
  });
  expect(limitIn(refused.headers, "ratelimit", "pages")).toMatch(/^"pages";r=200;t=\d+$/);
  expect(refused.headers.get("retry-after")).toBe("10");
  expect(await countJobs(api)).toBe(before);
});

test("a job that no day has room for is not told to come back", async () => {
  const refused = await (await user())("/v1/jobs", job(501));
  expect(problemIn(refused)).toMatchObject({
    ...{
      status: 429,
      detail: expect.stringContaining("ask for fewer with maxPages, or ask your operator for another plan"),
    },
  });
  expect(refused.headers.get("retry-after")).toBeNull();
});

test("what a job did not need is there for the next one", async () => {
  const ask = await user();
  const { json } = await ask("/v1/jobs", job(500));
  await finishJob(api.db, json, { "https://quota.example/": done() });
  const next = await ask("/v1/jobs", job(499));
  expect(next.status).toBe(201);
  expect(limitIn(next.headers, "ratelimit", "pages")).toContain("r=0;");
  await finishJob(api.db, next.json, pagesOf(499));
  const refused = await ask("/v1/jobs", job(1));
  expect(problemIn(refused).detail).toBe(
    "expected at most 0 more pages today, for 500 of 500 are taken, got a job of up to 1; ask again when the day is over (UTC)",
  );
  const reset = /t=(\d+)/.exec(limitIn(refused.headers, "ratelimit", "pages")!)![1];
  expect(refused.headers.get("retry-after")).toBe(reset);
});

test("operators have no quota, and are told of none", async () => {
  const { status, headers } = await api.ask("/v1/jobs", job(1_000_000));
  expect([status, limitIn(headers, "ratelimit", "pages")]).toEqual([201, undefined]);
});
