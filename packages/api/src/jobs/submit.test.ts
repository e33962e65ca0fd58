import { readRule } from "@bee/store";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { type AskOptions, asker, problemIn } from "../testing/ask.ts";
import { countJobs, waitingTasks } from "../testing/look.ts";

let api: ApiUnderTest;
const keys = { standard: "", premium: "" };

beforeAll(async () => {
  api = await startApiUnderTest();
  keys.standard = (await api.newKey("standard")).secret;
  keys.premium = (await api.newKey("premium")).secret;
});
afterAll(() => api.stop());

const submit = (json: unknown, options: AskOptions = {}) =>
  api.ask("/v1/jobs", { json, key: keys.standard, ...options });

describe("a good request", () => {
  test("becomes a job with the defaults of the contract, in the queue of its tier", async () => {
    const answer = await submit({ url: "https://www.example.com/shop/../a%7e?b#c" });
    expect(answer.status).toBe(201);
    expect(answer.headers.get("location")).toBe(`/v1/jobs/${answer.json.id}`);
    expect(answer.headers.get("idempotency-replayed")).toBeNull();
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      url: "https://www.example.com/a~?b",
      domain: "example.com",
      tier: "normal",
      status: "pending",
      region: "default",
      class: "general",
      routing: "no worker lived in any region",
      scheduleId: null,
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      startedAt: null,
      finishedAt: null,
      failure: null,
      counts: { total: 0, pending: 0, released: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 },
      outcomes: { ok: 0, broken: 0, blocked: 0, unreachable: 0, disallowed: 0, skipped: 0, cancelled: 0 },
      cache: { warmed: 0, "already-warm": 0, uncacheable: 0, unproven: 0, none: 0 },
      rate: 0,
      // No worker reports in this test.
      waiting: [{ reason: "no-worker", pages: 0, until: null }],
      etaSeconds: null,
      warnings: [],
      options: {
        maxPages: 500,
        useSitemap: true,
        followLinks: false,
        include: [],
        exclude: [],
        verify: "all",
      },
    });
    expect(await waitingTasks(api, "normal")).toContain(`expand-${answer.json.id}`);
  });

  test("may be a bare domain, and may say everything", async () => {
    const options = {
      maxPages: 1_000_000,
      useSitemap: false,
      followLinks: true,
      include: ["/shop/*"],
      exclude: [`/${"ü".repeat(499)}`],
      verify: "none",
    };
    const body = {
      domain: "Shop.Example.ORG",
      ...options,
      region: "default",
      webhookUrl: "https://hook.example/x",
    };
    const answer = await submit(body);
    expect(answer.status).toBe(201);
    expect(answer.json).toMatchObject({ url: "https://shop.example.org/", domain: "example.org", options });
  });

  test.each([
    ["standard", {}, "normal"],
    ["standard", { maxPages: 501 }, "low"],
    ["premium", { maxPages: 501 }, "high"],
    ["operator", {}, "normal"],
    ["operator", { priority: "critical" }, "critical"],
    ["operator", { domain: "health.internal" }, "critical"],
  ] as const)("of a %s key with %j goes to the tier %s", async (plan, more, tier) => {
    const key = plan === "operator" ? api.adminKey : keys[plan];
    // A domain each: of several jobs of one, only the first is queued.
    const domain = `${plan}-${tier}.example`;
    const answer = await submit({ domain, ...more }, { key });
    expect({ status: answer.status, tier: answer.json.tier }).toEqual({ status: 201, tier });
    expect(await waitingTasks(api, tier)).toContain(`expand-${answer.json.id}`);
  });

  test("may come with a charset, and with long patterns", async () => {
    const include = Array.from({ length: 100 }, () => "/".repeat(500));
    const headers = { "content-type": "application/json; charset=utf-8" };
    expect((await submit({ domain: "long.example", include, exclude: include }, { headers })).status).toBe(
      201,
    );
  });
});

describe("an idempotency key", () => {
  const repeat = (key: string, json: unknown, secret = keys.standard) =>
    submit(json, { key: secret, headers: { "idempotency-key": key } });

  test("makes the same request one job, also with its fields in another order", async () => {
    const first = await repeat("order-1", { domain: "once.example", maxPages: 7 });
    const again = await repeat("order-1", { maxPages: 7, domain: "once.example" });
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.json.id).toBe(first.json.id);
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe("true");
  });

  test("does not make another request the same", async () => {
    await repeat("order-2", { domain: "twice.example" });
    const before = await countJobs(api);
    const problem = problemIn(await repeat("order-2", { domain: "twice.example", maxPages: 8 }));
    expect(problem).toMatchObject({ status: 422, code: "idempotency-mismatch" });
    expect(await countJobs(api)).toBe(before);
  });

  test("belongs to one API key", async () => {
    const mine = await repeat("order-3", { domain: "mine.example" });
    const theirs = await repeat("order-3", { domain: "mine.example" }, keys.premium);
    expect(theirs.status).toBe(201);
    expect(theirs.json.id).not.toBe(mine.json.id);
  });

  test("makes one job of many requests at the same moment at two API processes", async () => {
    const another = await api.startAnother();
    const askAnother = asker(another.url, keys.standard);
    const before = await countJobs(api);
    const request = {
      json: { domain: "race.example" },
      headers: { "idempotency-key": "race" },
      key: keys.standard,
    };
    const asks = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? api.ask : askAnother)("/v1/jobs", request),
    );
    const answers = await Promise.all(asks);
    await another.stop();
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([201]));
    expect(new Set(answers.map((answer) => answer.json.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.headers.get("idempotency-replayed") === null)).toHaveLength(1);
    expect(await countJobs(api)).toBe(before + 1);
  });

  test("lets go of nothing when the first request was refused", async () => {
    expect((await repeat("order-4", { domain: "bad.example", maxPages: 0 })).status).toBe(422);
    expect((await repeat("order-4", { domain: "bad.example", maxPages: 1 })).status).toBe(201);
  });
});

test("a network that the operator allowed may be crawled, and its neighbours not", async () => {
  const other = await api.startAnother({ allowPrivate: ["127.0.0.0/8"] });
  const ask = asker(other.url, api.adminKey);
  const allowed = await ask("/v1/jobs", { json: { url: "http://127.0.0.1:8080/" } });
  const refused = await ask("/v1/jobs", { json: { url: "http://[::1]:8080/" } });
  await other.stop();
  expect(allowed.json).toMatchObject({ domain: "127.0.0.1", url: "http://127.0.0.1:8080/" });
  expect(problemIn(refused).code).toBe("address-not-allowed");
});

test("the owner's rules apply to the domain", async () => {
  const rules = { "ruled.example": { requestsPerSecond: 0.5, burst: 1, concurrency: 1 } };
  const other = await api.startAnother({ rules });
  await asker(other.url, api.adminKey)("/v1/jobs", { json: { domain: "www.ruled.example" } });
  await other.stop();
  expect((await readRule(api.db, "ruled.example"))?.rule).toEqual(rules["ruled.example"]);
});
