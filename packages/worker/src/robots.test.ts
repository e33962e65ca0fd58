import { DEFAULT_RULE } from "@bee/core";
import { visitId } from "@bee/queue";
import { listOpenVisits, listPages, readRule } from "@bee/store";
import {
  html,
  type RequestLog,
  redirect,
  robotsTxt,
  type Site,
  sitemapIndexOf,
  sitemapOf,
  startWeb,
  type Web,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";
import { jitterSince } from "./testing/jitter.ts";

let web: Web;
let fleet: TestFleet;

const jitterMs = jitterSince(beforeEach);

/** Whether the site of the retried job is there again, and the Crawl-delay of the one that eases. */
let mended = false;
let delay = ["Crawl-delay: 4"];

beforeAll(async () => {
  web = await startWeb({
    hosts: {
      "patient.test": slowSite("patient.test", ["Crawl-delay: 1.2"]),
      "fraction.test": slowSite("fraction.test", ["Crawl-delay: 0.5"]),
      "long.test": slowSite("long.test", ["Crawl-delay: 600"]),
      "day.test": slowSite("day.test", ["Crawl-delay: 86400"]),
      "easing.test": slowSite("easing.test", () => delay),
      "two.test": {
        pages: {
          "/robots.txt": robotsTxt("User-agent: *", "Crawl-delay: 0.5"),
          "/sitemap.xml": () => sitemapOf(["/a", "/b"].map((path) => web.url("www.two.test", path))),
          "/": html("home"),
        },
      },
      "www.two.test": {
        pages: {
          "/robots.txt": robotsTxt("User-agent: *", "Crawl-delay: 1.5"),
          "/a": html("a"),
          "/b": html("b"),
        },
      },
      "crowd.test": {
        pages: {
          "/robots.txt": { ...robotsTxt("User-agent: *", "Disallow: /no"), delayMs: 500 },
          "/sitemap.xml": () => sitemapOf([web.url("crowd.test", "/a")]),
          "/": html("home"),
          "/a": html("a"),
        },
      },
      "hops.test": {
        pages: {
          "/robots.txt": robotsTxt("User-agent: *", "Disallow: /admin", "Disallow: /maps/"),
          "/": html("home", ["/door", "/side", "/admin/linked"]),
          "/door": redirect("/admin/door"),
          "/side": () => redirect(web.url("www.hops.test", "/private/side")),
        },
      },
      "www.hops.test": {
        pages: { "/robots.txt": robotsTxt("User-agent: bluebandedbee", "Disallow: /private") },
      },
      "maps.test": {
        pages: {
          "/robots.txt": () =>
            robotsTxt(
              "User-agent: *",
              "Disallow: /maps/",
              `Sitemap: ${web.url("maps.test", "/maps/index.xml")}`,
            ),
          "/maps/index.xml": () =>
            sitemapIndexOf(["/maps/one.xml", "/two.xml", "/three.xml"].map((at) => web.url("maps.test", at))),
          "/maps/one.xml": () => sitemapOf([web.url("maps.test", "/one")]),
          "/two.xml": redirect("/maps/two.xml"),
          "/three.xml": () => redirect(web.url("www.maps.test", "/three.xml")),
          "/maps/two.xml": () => sitemapOf([web.url("maps.test", "/two")]),
          "/": html("home"),
          "/one": html("one"),
        },
      },
      "www.maps.test": {
        pages: {
          "/robots.txt": robotsTxt("User-agent: *", "Disallow: /three"),
          "/three.xml": () => sitemapOf([web.url("maps.test", "/three")]),
        },
      },
      "unnamed.test": {
        pages: { "/robots.txt": robotsTxt("User-agent: *", "Disallow: /sitemap"), "/": html("home") },
      },
      "mended.test": {
        pages: {
          "/robots.txt": () => ({ status: mended ? 404 : 500 }),
          "/": html("home"),
        },
      },
    },
  });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

/** A site of two pages that asks for patience. */
function slowSite(host: string, lines: readonly string[] | (() => readonly string[])): Site {
  const pages: Site["pages"] = {
    "/robots.txt": () => robotsTxt("User-agent: *", ...(typeof lines === "function" ? lines() : lines)),
    "/sitemap.xml": () => sitemapOf([web.url(host, "/a")]),
    "/": html("home"),
    "/a": html("a"),
  };
  return { pages };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 50));

const pathsOf = (log: RequestLog) => log.entries.map(({ path }) => path);

async function pageOf(job: string, path: string) {
  const pages = await listPages(fleet.db, job, { limit: 50 });
  return pages.find(({ url }) => new URL(url).pathname === path);
}

test.each([
  ["patient.test", 1.2],
  ["fraction.test", 0.5],
])(
  "every request to %s keeps the gap that its robots.txt asks for, robots.txt itself included",
  async (host, seconds) => {
    const job = await fleet.ended(await fleet.submit({ url: web.url(host), verify: "none" }));
    expect(job).toMatchObject({ status: "completed", crawlDelay: seconds, counts: { succeeded: 2 } });
    const { entries } = web.logOf(host);
    expect(pathsOf(web.logOf(host)).slice(0, 2)).toEqual(["/robots.txt", "/sitemap.xml"]);
    expect(
      worstExcess(entries, { requestsPerSecond: 1 / seconds, burst: 1 }, jitterMs()),
    ).toBeLessThanOrEqual(0);
  },
  30_000,
);

test.each([
  ["long.test", 600],
  ["day.test", 86_400],
])(
  "a long Crawl-delay is kept, and no slot waits for it: %s",
  async (host, seconds) => {
    const id = await fleet.submit({ url: web.url(host), verify: "none" });
    const job = await fleet.until(id, ({ counts }) => counts.released === 1);
    expect(job).toMatchObject({ status: "expanding", crawlDelay: seconds });
    // robots.txt had one turn and the sitemap has the next, so the home page has the one after that.
    const waits = job.nextAt!.getTime() - Date.now();
    expect(waits).toBeGreaterThan(3 * seconds * 1_000 - 30_000);
    const [visit] = await listOpenVisits(fleet.db, [id]);
    const task = { id: visitId(visit!.page, visit!.lease), tier: "normal" } as const;
    while ((await fleet.queues.statesOf([task]))[0] === "missing") await soon(); // on its way into the queue
    expect(await fleet.queues.statesOf([task])).toEqual(["held-back"]);
    await fleet.order(id, "cancel");
    expect((await fleet.ended(id)).status).toBe("cancelled");
    expect(pathsOf(web.logOf(host))).toEqual(["/robots.txt"]);
  },
  30_000,
);

test("of two hosts of a domain the one that asks for more patience sets the pace of both", async () => {
  const request = { url: web.url("two.test"), verify: "none" };
  expect(await fleet.ended(await fleet.submit(request))).toMatchObject({
    status: "completed",
    crawlDelay: 1.5,
    counts: { succeeded: 3 },
  });
  // Also after the other host was read last.
  await fleet.db.deleteFrom("robots").where("origin", "=", new URL(request.url).origin).execute();
  await fleet.resize(0);
  await fleet.resize(3);
  const second = await fleet.ended(await fleet.submit({ ...request, useSitemap: false }));
  expect(second).toMatchObject({ status: "completed", crawlDelay: 1.5 });
  const all = ["two.test", "www.two.test"].flatMap((host) => web.logOf(host).entries);
  const learnt = web.logOf("www.two.test").entries[0]!.startedAt;
  const after = all.filter(({ startedAt }) => startedAt >= learnt).sort((a, b) => a.startedAt - b.startedAt);
  expect(after.length).toBeGreaterThanOrEqual(5);
  expect(worstExcess(after, { requestsPerSecond: 1 / 1.5, burst: 1 }, jitterMs())).toBeLessThanOrEqual(0);
}, 60_000);

test("a Crawl-delay that is taken out speeds the domain up again, from the next reading on", async () => {
  const request = { url: web.url("easing.test"), verify: "none" };
  const first = await fleet.ended(await fleet.submit({ ...request, useSitemap: false }));
  expect(first).toMatchObject({ status: "completed", crawlDelay: 4 });
  delay = [];
  // A day later: no worker has it at hand, and the fleet's copy is too old.
  await fleet.resize(0);
  await fleet.db
    .updateTable("robots")
    .set({ expires_at: new Date(Date.now() - 60_000) })
    .where("origin", "=", new URL(request.url).origin)
    .execute();
  await fleet.resize(3);
  const second = await fleet.ended(await fleet.submit(request));
  expect(second).toMatchObject({ status: "completed", crawlDelay: null, counts: { succeeded: 2 } });
  expect((await readRule(fleet.db, "easing.test"))!.rule).toEqual(DEFAULT_RULE);
  // The second reading, and three requests that would have taken another 12 s.
  const { entries } = web.logOf("easing.test");
  expect(entries.slice(-4).map(({ path }) => path)[0]).toBe("/robots.txt");
  expect(entries.at(-1)!.startedAt - entries.at(-4)!.startedAt).toBeLessThan(10_000);
}, 60_000);

test("three workers with jobs of every tier that meet a new site send one request for its robots.txt", async () => {
  const url = web.url("crowd.test");
  const jobs = [{ url }, { url, maxPages: 1_000 }, { url }, { url, maxPages: 1_000 }];
  const ids = await Promise.all(jobs.map((job) => fleet.submit(job)));
  for (const id of ids) expect((await fleet.ended(id)).status).toBe("completed");
  expect(pathsOf(web.logOf("crowd.test")).filter((path) => path === "/robots.txt")).toHaveLength(1);
}, 30_000);

test("pages that redirects and links lead to name the rule that forbids them, also that of another host", async () => {
  const id = await fleet.submit({ url: web.url("hops.test"), followLinks: true, useSitemap: false });
  await fleet.ended(id);
  expect(await pageOf(id, "/admin/linked")).toMatchObject({
    outcome: "disallowed",
    reason: "robots.txt line 2: Disallow: /admin",
  });
  expect(await pageOf(id, "/door")).toMatchObject({
    outcome: "disallowed",
    reason: `redirects to ${web.url("hops.test", "/admin/door")}: robots.txt line 2: Disallow: /admin`,
  });
  expect(await pageOf(id, "/side")).toMatchObject({
    outcome: "disallowed",
    reason: expect.stringContaining("robots.txt line 2: Disallow: /private"),
  });
  expect(pathsOf(web.logOf("hops.test"))).not.toContain("/admin/door");
  expect(pathsOf(web.logOf("www.hops.test"))).toEqual(["/robots.txt"]);
}, 30_000);

test("sitemaps that robots.txt invites to are read; what they redirect to only within the rules of its host", async () => {
  const job = await fleet.ended(await fleet.submit({ url: web.url("maps.test") }));
  expect(job).toMatchObject({ status: "completed", counts: { total: 2, succeeded: 2 } });
  expect(job.warnings).toEqual([
    expect.stringMatching(/two\.xml: robots\.txt line 2: Disallow: \/maps\//),
    expect.stringMatching(/three\.xml: robots\.txt line 2: Disallow: \/three/),
  ]);
  expect(pathsOf(web.logOf("maps.test"))).not.toContain("/maps/two.xml");
  expect(pathsOf(web.logOf("www.maps.test"))).toEqual(["/robots.txt"]);
}, 30_000);

test("a sitemap that nobody named is looked for only where robots.txt allows it", async () => {
  const job = await fleet.ended(await fleet.submit({ url: web.url("unnamed.test") }));
  expect(job).toMatchObject({ status: "completed", counts: { total: 1, succeeded: 1 } });
  expect(pathsOf(web.logOf("unnamed.test"))).not.toContain("/sitemap.xml");
}, 30_000);

test("a job that failed because robots.txt could not be read asks for it again when it is retried", async () => {
  const id = await fleet.submit({ url: web.url("mended.test"), useSitemap: false });
  expect((await fleet.ended(id)).failure).toMatch(/robots\.txt answered 500/);
  mended = true;
  await fleet.order(id, "retry");
  expect((await fleet.ended(id)).status).toBe("completed");
}, 30_000);
