import { pauseDomain } from "@bee/store";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { countJobs } from "../testing/look.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const dryRun = (json: object, key?: string) =>
  api.ask("/v1/jobs?dryRun=true", { json, ...(key === undefined ? {} : { key }) });

test("without a worker it says what is known without one", async () => {
  const { status, json } = await dryRun({ domain: "nobody.example", maxPages: 600, verify: "none" });
  expect(status).toBe(200);
  expect(json).toEqual({
    dryRun: true,
    url: "https://nobody.example/",
    domain: "nobody.example",
    tier: "low",
    options: expect.objectContaining({ maxPages: 600, verify: "none" }),
    complete: false,
    problem: "No worker lives that could look at the site.",
    robots: null,
    pages: { listed: 0, toVisit: 0, disallowed: 0, filtered: 0, foreign: 0, overCap: 0 },
    warnings: [],
    pace: { requestsPerSecond: 3, burst: 5, concurrency: 3, reasons: [], source: "default" },
    ahead: { jobs: 0, pages: 0 },
    requests: 0,
    estimatedSeconds: null,
  });
  expect(await countJobs(api)).toBe(0);
});

test("a premium key sees its own pace, and a paused domain is told", async () => {
  const { secret } = await api.newKey("premium");
  const { json } = await dryRun({ domain: "paid.example" }, secret);
  expect(json).toMatchObject({ tier: "high", pace: { requestsPerSecond: 6, reasons: ["premium"] } });
  await pauseDomain(api.db, "paid.example");
  expect((await dryRun({ domain: "paid.example" })).json.problem).toMatch(/paused/);
});

test("it is refused what a job would be refused", async () => {
  expect(problemIn(await dryRun({ url: "http://127.0.0.1/" })).code).toBe("address-not-allowed");
  expect(problemIn(await dryRun({ domain: "x.example", maxPages: 0 })).status).toBe(422);
  expect(problemIn(await api.ask("/v1/jobs?dryRun=yes", { json: { domain: "x.example" } })).status).toBe(422);
});
