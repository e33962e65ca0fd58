import { JOB_ORDERS } from "@bee/core";
import { addPages, beginExpansion } from "@bee/store";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { done, finishJob } from "../testing/seed.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.stop());

const UNKNOWN = "01a20784-ed53-7797-b985-d13e61661cbe";

async function submit(domain: string, key = api.adminKey, more: object = {}) {
  const answer = await api.ask("/v1/jobs", { json: { domain, ...more }, key });
  return answer.json as { id: string; domain: string };
}

const found = (...urls: string[]) => urls.map((url) => ({ url, foundOn: null, disallowedBy: null }));

describe("the list", () => {
  test("comes in pages, the newest first, each job once", async () => {
    const { secret } = await api.newKey("standard");
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await submit(`list-${i}.example`, secret)).id);
    const seen: string[][] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const answer = await api.ask(`/v1/jobs?limit=2${cursor && `&cursor=${cursor}`}`, { key: secret });
      seen.push(answer.json.jobs.map((job: { id: string }) => job.id));
      cursor = answer.json.nextCursor;
    }
    expect(seen).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
  });

  test("holds a key's own jobs; an operator's holds all", async () => {
    const [one, other] = [await api.newKey("standard"), await api.newKey("premium")];
    const job = await submit("own.example", one.secret);
    const idsOf = async (key: string) =>
      (await api.ask("/v1/jobs?domain=own.example", { key })).json.jobs.map(({ id }: { id: string }) => id);
    expect(await idsOf(one.secret)).toEqual([job.id]);
    expect(await idsOf(other.secret)).toEqual([]);
    expect(await idsOf(api.adminKey)).toEqual([job.id]);
  });

  test("can be filtered by status, tier and domain", async () => {
    const { secret } = await api.newKey("standard");
    const small = await submit("small.filter.example", secret);
    const large = await submit("large.example", secret, { maxPages: 501 });
    await api.ask(`/v1/jobs/${large.id}/cancel`, { method: "POST", key: secret });
    const idsOf = async (query: string) =>
      (await api.ask(`/v1/jobs?${query}`, { key: secret })).json.jobs.map(({ id }: { id: string }) => id);
    expect(await idsOf("status=pending")).toEqual([small.id]);
    expect(await idsOf("status=cancelled")).toEqual([large.id]);
    expect(await idsOf("tier=low")).toEqual([large.id]);
    expect(await idsOf("domain=WWW.Filter.Example")).toEqual([small.id]);
    expect(await idsOf("status=cancelled&tier=normal")).toEqual([]);
  });

  test.each([
    "limit=0",
    "limit=201",
    "limit=ten",
    "limit=",
    "limit=1&limit=2",
    "cursor=",
    "cursor=abc",
    `cursor=${Buffer.from("1").toString("base64url")}`,
    "status=done",
    "tier=urgent",
    "domain=",
    "domain=a%00b",
    "page=2",
    "Limit=5",
  ])("refuses ?%s", async (query) => {
    const problem = problemIn(await api.ask(`/v1/jobs?${query}`));
    expect(problem).toMatchObject({ status: 422, code: "invalid-request" });
    expect(problem.errors).toHaveLength(1);
  });

  test("has 50 jobs unless told otherwise", async () => {
    const { secret } = await api.newKey("standard");
    await Promise.all(Array.from({ length: 51 }, () => submit("many.example", secret)));
    const { json } = await api.ask("/v1/jobs", { key: secret });
    expect(json.jobs).toHaveLength(50);
    expect(json.nextCursor).toEqual(expect.any(String));
    expect((await api.ask("/v1/jobs?limit=200", { key: secret })).json).toMatchObject({ nextCursor: null });
  });
});

describe("one job", () => {
  test("tells its counts, its outcomes, and why its pages wait", async () => {
    const job = await submit("one.example");
    await beginExpansion(api.db, job.id);
    await addPages(api.db, job.id, job.domain, found("https://one.example/", "https://one.example/a"));
    const { json } = await api.ask(`/v1/jobs/${job.id}`);
    expect(json).toMatchObject({
      status: "expanding",
      startedAt: expect.any(String),
      counts: { total: 2, pending: 1, released: 1, succeeded: 0 },
      // No worker reports in this test.
      waiting: [{ reason: "no-worker", pages: 2, until: null }],
      etaSeconds: null,
    });
  });

  test("that has ended says how", async () => {
    const job = await submit("ended.example");
    await finishJob(api.db, job, {
      "https://ended.example/": done(),
      "https://ended.example/a": done({ outcome: "broken", cache: "none" }),
    });
    const { json } = await api.ask(`/v1/jobs/${job.id}`);
    expect(json).toMatchObject({
      status: "completed",
      counts: { total: 2, succeeded: 1, failed: 1 },
      outcomes: { ok: 1, broken: 1, blocked: 0 },
      cache: { "already-warm": 1, none: 0 },
      waiting: [],
      etaSeconds: null,
      warnings: ["one sitemap was cut short"],
    });
  });

  test("can be asked for by HEAD", async () => {
    const job = await submit("head.example");
    expect(await api.ask(`/v1/jobs/${job.id}`, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  });
});

const ORDERS = JOB_ORDERS.map((order) => `/${order}`);

describe.each(["", "/pages", "/report", ...ORDERS])("/v1/jobs/:id%s", (rest) => {
  const method = ORDERS.includes(rest) ? "POST" : "GET";

  test.each([
    UNKNOWN,
    "1",
    "x".repeat(300),
    "01a20784",
    `${UNKNOWN}0`,
    "%00",
    "%27%20or%201=1",
    "%E0%A4%A",
    "..%2f",
  ])("of %s is not found", async (id) => {
    expect(problemIn(await api.ask(`/v1/jobs/${id}${rest}`, { method }))).toMatchObject({
      code: "not-found",
      status: 404,
    });
  });

  test("of another key's job is not found, and nothing happens to it", async () => {
    const job = await submit(`theirs${rest.replace("/", "-")}.example`);
    const { secret } = await api.newKey("premium");
    const answer = await api.ask(`/v1/jobs/${job.id}${rest}`, { method, key: secret });
    const unknown = await api.ask(`/v1/jobs/${UNKNOWN}${rest}`, { method, key: secret });
    expect(problemIn(answer).code).toBe("not-found");
    // Word for word the same, so that nobody can find out which ids exist.
    expect(problemIn(answer).detail).toBe(problemIn(unknown).detail);
    expect((await api.ask(`/v1/jobs/${job.id}`)).json.status).toBe("pending");
  });

  test("refuses unknown query parameters", async () => {
    const job = await submit(`query${rest.replace("/", "-")}.example`);
    const problem = problemIn(await api.ask(`/v1/jobs/${job.id}${rest}?x=1`, { method }));
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer: "/x" }] });
    expect((await api.ask(`/v1/jobs/${job.id}`)).json.status).toBe("pending");
  });
});
