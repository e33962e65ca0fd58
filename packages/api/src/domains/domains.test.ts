import { silentLog } from "@bee/core";

import { BREAKER_SETTINGS, Breakers, openRedis, type Redis } from "@bee/queue";
import { addPages, beginExpansion, claimRobots, saveRobots, setCrawlDelay, setPlatform } from "@bee/store";

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type ApiUnderTest, startApiUnderTest } from "../testing/api-under-test.ts";
import { problemIn } from "../testing/ask.ts";
import { heardDuring } from "../testing/heard-during.ts";
import { waitingTasks } from "../testing/look.ts";

const OWNERS = { requestsPerSecond: 9, burst: 9, concurrency: 9 };
const SLOW = { requestsPerSecond: 0.5, burst: 1, concurrency: 1 };

let api: ApiUnderTest;
let redis: Redis;
let standard: string;
beforeAll(async () => {
  api = await startApiUnderTest({ rules: { "owned.example": OWNERS } });
  redis = openRedis({ url: api.redis.url, name: "test", log: silentLog });
  standard = (await api.newKey("standard")).secret;
});
afterAll(async () => {
  redis.disconnect();
  await api.stop();
});

/** A job of a domain with some pages in the frontier. */
async function submit(domain: string, pages = 3, key?: string): Promise<string> {
  const { json } = await api.ask("/v1/jobs", { json: { domain }, ...(key === undefined ? {} : { key }) });
  const urls = Array.from({ length: pages }, (_, i) => `https://${domain}/${i}`);
  await beginExpansion(api.db, json.id);
  await addPages(
    api.db,
    json.id,
    domain,
    urls.map((url) => ({ url, foundOn: null, disallowedBy: null })),
  );
  return json.id;
}

const put = (domain: string, json: unknown, key?: string) =>
  api.ask(`/v1/domains/${domain}/rule`, { method: "PUT", json, ...(key === undefined ? {} : { key }) });
const order = (domain: string, what: string) => api.ask(`/v1/domains/${domain}/${what}`, { method: "POST" });

describe("a domain", () => {
  test("tells its rule and where that came from, its pace and why, and what is under way", async () => {
    await submit("shown.example");
    await setCrawlDelay(api.db, "shown.example", 2);
    const robots = { status: "found", fetchedAt: 1_000, body: "" };
    await claimRobots(api.db, "https://www.shown.example", "shown.example");
    await saveRobots(api.db, "https://www.shown.example", robots, 60);
    const { status, json } = await api.ask("/v1/domains/shown.example");
    expect(status).toBe(200);
    expect(json).toEqual({
      domain: "shown.example",
      rule: { requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" },
      pace: { requestsPerSecond: 0.5, burst: 1, concurrency: 1, reasons: ["crawl-delay"] },
      backoff: { share: 1, reason: null, until: null, baselineTtfbMs: null, recentTtfbMs: null },
      platform: null,
      crawlDelay: 2,
      pausedAt: null,
      closed: null,
      robots: [
        {
          origin: "https://www.shown.example",
          status: "found",
          fetchedAt: "1970-01-01T00:00:01.000Z",
          crawlDelay: null,
        },
      ],
      pages: { pending: 2, released: 1 },
      activeJobs: 1,
      breaker: { state: "closed", reason: null, openings: 0, until: null },
    });
  });

  test("that fails tells what failed, how often in a row its circuit opened, and when it is tried", async () => {
    const domain = "failing.example";
    await submit(domain);
    const breakers = new Breakers({ redis, deadlineMs: 20_000, log: silentLog });
    const fail = () =>
      breakers.send(
        domain,
        async () => {},
        () => ({ type: "failed", failure: "answered 500" }),
      );
    for (let i = 0; i < BREAKER_SETTINGS.failures; i++) await fail();
    const until = expect.stringMatching(/^\d{4}-/);
    const opened = { state: "open", reason: "answered 500", openings: 1, until };
    let breaker: unknown;
    do ({ breaker } = (await api.ask(`/v1/domains/${domain}`)).json);
    while ((breaker as { state: string }).state === "closed");
    expect(breaker).toEqual(opened);
    breakers.stop();
  });

  test.each([
    ["one.webflow.io", { requestsPerSecond: 2, burst: 5, concurrency: 2, source: "platform" }],
    ["owned.example", { ...OWNERS, source: "owner" }],
  ])("%s has the rule of its kind", async (domain, rule) => {
    await submit(domain);
    expect((await api.ask(`/v1/domains/${domain}`)).json.rule).toEqual(rule);
  });

  test("of a premium job says that its pace is doubled, and why", async () => {
    await submit("paid.example", 1, (await api.newKey("premium")).secret);
    expect((await api.ask("/v1/domains/paid.example")).json.pace).toEqual({
      requestsPerSecond: 6,
      burst: 5,
      concurrency: 3,
      reasons: ["premium"],
    });
  });

  test("is found however its name is written", async () => {
    await submit("xn--bcher-kva.example");
    for (const name of [
      "XN--BCHER-kva.example",
      "xn--bcher-kva.example.",
      encodeURIComponent("bücher.example"),
    ])
      expect((await api.ask(`/v1/domains/${name}`)).json.domain).toBe("xn--bcher-kva.example");
    await put("127.0.0.1", SLOW);
    await put(encodeURIComponent("[::1]"), SLOW);
    for (const name of ["127.0.0.1", "[::1]"])
      expect((await api.ask(`/v1/domains/${encodeURIComponent(name)}`)).json.domain).toBe(name);
  });

  test.each(["GET /v1/domains/nobody.example", "DELETE /v1/domains/nobody.example/rule"])(
    "that was never met is not there for %s",
    async (call) => {
      const [method, path] = call.split(" ") as [string, string];
      expect(problemIn(await api.ask(path, { method }))).toMatchObject({
        status: 404,
        code: "not-found",
        detail: 'expected a domain that the fleet has met, got "nobody.example"; GET /v1/domains lists them',
      });
    },
  );

  test("a host that is none is told whose gate it shares", async () => {
    const detail =
      'expected a domain, got "www.shown.example", which shares the gate of shown.example; ask for /v1/domains/shown.example';
    const answers = [
      await api.ask("/v1/domains/www.shown.example"),
      await put("www.shown.example", SLOW),
      await order("www.shown.example", "pause"),
    ];
    for (const answer of answers) {
      expect(problemIn(answer)).toMatchObject({
        status: 422,
        detail,
        errors: [{ pointer: "/domain", detail }],
      });
    }
  });

  test.each([
    "a b.example",
    "a.example:8080",
    "a.example/path",
    "user@a.example",
    "*.example",
    "a,b.example",
  ])("%p is no domain", async (name) => {
    const problem = problemIn(await api.ask(`/v1/domains/${encodeURIComponent(name)}`));
    expect(problem).toMatchObject({ status: 422, code: "invalid-url", errors: [{ pointer: "/domain" }] });
    expect(problem.detail).toMatch(/^expected a host name such as example.com/);
  });
});

describe("the list of domains", () => {
  test("goes by name, in parts, and by a piece of the name", async () => {
    for (const name of ["l2.list.example", "l1.list.example", "l3.list.example"])
      await put(name.replace(".list", "-list"), SLOW);
    const first = (await api.ask("/v1/domains?q=-LIST&limit=2")).json;
    expect(first.domains.map(({ domain }: { domain: string }) => domain)).toEqual([
      "l1-list.example",
      "l2-list.example",
    ]);
    const second = (await api.ask(`/v1/domains?q=-list&limit=2&cursor=${first.nextCursor}`)).json;
    expect(second).toMatchObject({ domains: [{ domain: "l3-list.example", rule: SLOW }], nextCursor: null });
  });

  test("has for a user the domains of its own jobs, and of the others does not tell that they are there", async () => {
    await submit("own.example", 1, standard);
    const { json } = await api.ask("/v1/domains", { key: standard });
    expect(json.domains.map(({ domain }: { domain: string }) => domain)).toEqual(["own.example"]);
    expect((await api.ask("/v1/domains/own.example", { key: standard })).status).toBe(200);
    const others = await api.ask("/v1/domains/l1-list.example", { key: standard });
    const nobodys = await api.ask("/v1/domains/l9-list.example", { key: standard });
    expect([others.status, nobodys.status]).toEqual([404, 404]);
    expect(problemIn(others).detail).toBe(problemIn(nobodys).detail.replace("l9", "l1"));
  });

  test.each(["?limit=201", "?cursor=x", "?nix=1", "?q="])("refuses %s", async (query) => {
    expect(problemIn(await api.ask(`/v1/domains${query}`))).toMatchObject({
      status: 422,
      code: "invalid-request",
      errors: [{ pointer: `/${/\w+/.exec(query)![0]}` }],
    });
  });
});

describe("an operator's rule", () => {
  test("may come before the first job, and stays when that comes", async () => {
    const { status, json } = await put("early.example", SLOW);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      domain: "early.example",
      rule: { ...SLOW, source: "operator" },
      activeJobs: 0,
    });
    await submit("early.example");
    expect((await api.ask("/v1/domains/early.example")).json.rule).toEqual({ ...SLOW, source: "operator" });
  });

  test("is told to the workers with its revision, and so is that it was taken back", async () => {
    await submit("told.example");
    const domain = "told.example";
    expect(await heardDuring(redis, () => put(domain, SLOW))).toEqual({
      type: "rule-changed",
      domain,
      inForce: { rule: SLOW, revision: 2 },
    });
    const drop = () => api.ask(`/v1/domains/${domain}/rule`, { method: "DELETE" });
    expect(await heardDuring(redis, drop)).toMatchObject({ domain, inForce: { revision: 3 } });
    expect((await drop()).json.rule).toMatchObject({ requestsPerSecond: 3, source: "default" });
  });

  test("gives way to the rule that holds without it", async () => {
    await submit("owned.example");
    await submit("shop.example");
    await setPlatform(api.db, "shop.example", "shopify.com");
    for (const [domain, source] of [
      ["owned.example", "owner"],
      ["shop.example", "platform"],
      ["two.webflow.io", "platform"],
    ] as const) {
      await put(domain, SLOW);
      const { json } = await api.ask(`/v1/domains/${domain}/rule`, { method: "DELETE" });
      expect(json.rule.source).toBe(source);
    }
  });

  test("that is faster lets more pages go at once", async () => {
    await put("wider.example", { requestsPerSecond: 10, burst: 1, concurrency: 1 });
    await submit("wider.example", 10);
    const before = (await waitingTasks(api, "normal")).length;
    await api.db
      .updateTable("domains")
      .set({ slow_start: false })
      .where("name", "=", "wider.example")
      .execute();
    await put("wider.example", { requestsPerSecond: 10, burst: 1, concurrency: 4 });
    expect((await waitingTasks(api, "normal")).length).toBeGreaterThan(before + 5);
  });

  test.each([
    [{ ...SLOW, burst: 0 }, "/burst", "expected at least 1, got 0"],
    [{ ...SLOW, requestsPerSecond: 0 }, "/requestsPerSecond", "expected at least 0.00001, got 0"],
    // One a month, for which no timer is long enough.
    [{ ...SLOW, requestsPerSecond: 4e-7 }, "/requestsPerSecond", "expected at least 0.00001, got 4e-7"],
    [{ ...SLOW, concurrency: 1.5 }, "/concurrency", "expected a whole number, got 1.5"],
    [{ requestsPerSecond: 1, burst: 1 }, "/concurrency", "expected a number, got nothing"],
    [{ ...SLOW, rate: 1 }, "/rate", "expected one of requestsPerSecond, burst or concurrency, got rate"],
    [[], "", "expected an object, got an array of 0"],
  ])("%j is refused and changes nothing", async (body, pointer, detail) => {
    await put("refused.example", OWNERS);
    expect(problemIn(await put("refused.example", body))).toMatchObject({
      status: 422,
      errors: [{ pointer, detail }],
    });
    expect((await api.ask("/v1/domains/refused.example")).json.rule).toMatchObject(OWNERS);
  });
});

describe("a pause", () => {
  test("keeps the pages of all jobs, which say so, and is told to the workers", async () => {
    const domain = "pause.example";
    const [first, second] = [await submit(domain), await submit(domain)];
    expect(await heardDuring(redis, () => order(domain, "pause"))).toEqual({ type: "domain-paused", domain });
    const { pausedAt } = (await api.ask(`/v1/domains/${domain}`)).json;
    expect(pausedAt).toMatch(/Z$/);
    expect((await order(domain, "pause")).json.pausedAt).toBe(pausedAt);
    for (const id of [first, second]) {
      const job = (await api.ask(`/v1/jobs/${id}`)).json;
      const pages = job.counts.pending + job.counts.released;
      expect(job).toMatchObject({
        status: "expanding",
        etaSeconds: null,
        waiting: [{ reason: "paused", pages, until: null }],
      });
    }
    expect(await heardDuring(redis, () => order(domain, "resume"))).toEqual({
      type: "domain-resumed",
      domain,
    });
    expect((await order(domain, "resume")).json.pausedAt).toBeNull();
  });

  test("of a domain that was never met is none", async () => {
    for (const what of ["pause", "resume"])
      expect(problemIn(await order("unmet.example", what))).toMatchObject({ status: 404 });
  });
});

test.each([
  ["PUT", "rule"],
  ["DELETE", "rule"],
  ["POST", "pause"],
  ["POST", "resume"],
])("%s …/%s is for operators only", async (method, what) => {
  const answer = await api.ask(`/v1/domains/shown.example/${what}`, { method, json: SLOW, key: standard });
  expect(problemIn(answer)).toMatchObject({
    status: 403,
    code: "forbidden",
    detail: "expected a key of the plan operator, got standard",
  });
});
