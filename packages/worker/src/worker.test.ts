import { DEFAULT_RULE, PLATFORM_RULES, type RateRule } from "@bee/core";
import { listPages, readTallies } from "@bee/store";
import {
  type Answer,
  type DemoSite,
  html,
  mostInFlight,
  type RequestLog,
  type Responder,
  redirect,
  robotsTxt,
  type Site,
  sitemapOf,
  startDemoSite,
  startWeb,
  type Web,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";
import { jitterSince } from "./testing/jitter.ts";

const jitterMs = jitterSince(beforeEach);

const DEMO_RULE = { requestsPerSecond: 20, burst: 10, concurrency: 5 };

let fleet: TestFleet;
let garden: DemoSite;
let web: Web;
/** Resolves when the client of an answer that never ends has left. */
const left = Promise.withResolvers<void>();

/** A site of some pages with a sitemap, behind a cache that holds what it has served once. */
function cachedSite(host: string, paths: readonly string[], robots: readonly string[] = []): Site {
  const stored = new Set<string>();
  const page: Responder = (request): Answer => {
    const path = request.url ?? "/";
    const verdict = stored.has(path) ? "HIT" : "MISS";
    stored.add(path);
    const answer = html(path);
    return {
      ...answer,
      headers: { ...answer.headers, "cache-control": "public, max-age=600", "x-cache": verdict },
    };
  };
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /", ...robots),
    "/sitemap.xml": () => sitemapOf(paths.map((path) => web.url(host, path))),
    "/": page,
  };
  for (const path of paths) pages[path] = page;
  return { pages };
}

const TEN = Array.from({ length: 10 }, (_, i) => `/page-${i}`);

beforeAll(async () => {
  const hosts = ["plain.test", "one.webflow.io", "one.shopify.com", "one.wordpress.com"];
  [garden, web] = await Promise.all([
    startDemoSite({ slowMs: 300 }),
    startWeb({
      hosts: {
        ...Object.fromEntries(hosts.map((host) => [host, cachedSite(host, TEN)])),
        "unhurried.test": cachedSite("unhurried.test", ["/a"], ["Crawl-delay: 1.5"]),
        "bare.test": { pages: { "/": html("alone") } },
        "shut.test": { pages: {}, otherwise: { status: 503 } },
        "inward.test": { pages: { "/robots.txt": { status: 404 }, "/": redirect("http://10.0.0.1/") } },
        "nul.test": {
          pages: {
            "/robots.txt": robotsTxt("User-agent: *", "Disallow: /x\0y"),
            "/": html("home"),
          },
        },
        "apex.test": {
          pages: {
            "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
            "/sitemap.xml": () => sitemapOf([web.url("www.apex.test", "/a")]),
            "/": html("home"),
          },
        },
        "www.apex.test": {
          pages: {
            "/robots.txt": () =>
              web.logOf("www.apex.test").entries.length === 1 ? { status: 503 } : { status: 404 },
            "/a": html("a"),
          },
        },
        "endless.test": {
          pages: {
            "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
            "/sitemap.xml": (_, response) => {
              response.once("close", left.resolve);
              response.write("<urlset>");
              return undefined;
            },
            "/": html("home"),
          },
        },
        "linked.test": {
          pages: {
            "/robots.txt": robotsTxt("User-agent: *", "Disallow: /secret"),
            "/": html("home", ["/next", "/secret", "http://elsewhere.test/"]),
            "/next": html("next", ["/", "/last"]),
            "/last": html("last"),
          },
        },
      },
    }),
  ]);
  const platforms = ["*.webflow.io", "*.shopify.com", "*.wordpress.com", "*.test"];
  fleet = await startFleet({
    rules: { "garden.test": DEMO_RULE },
    environment: { BEE_RESOLVE: platforms.map((host) => `${host}=127.0.0.1`).join(",") },
  });
});
afterAll(async () => {
  await fleet.stop();
  await Promise.all([garden.stop(), web.stop()]);
});

async function expectPolite(log: RequestLog, rule: RateRule): Promise<void> {
  await log.idle();
  expect(worstExcess(log.entries, rule, jitterMs())).toBeLessThanOrEqual(0);
  expect(mostInFlight(log.entries)).toBeLessThanOrEqual(rule.concurrency);
}

const counted = (all: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(all).filter(([, pages]) => pages > 0));

test("three workers warm the demo site, right to the page, and its log shows the owner's rule kept", async () => {
  const id = await fleet.submit({ url: garden.url });
  const job = await fleet.ended(id);
  const { expected } = garden;
  expect(job).toMatchObject({
    status: "completed",
    failure: null,
    warnings: [],
    counts: { total: expected.pages },
  });
  const tallies = (await readTallies(fleet.db, [id])).get(id)!;
  expect(tallies).toEqual({ outcomes: counted(expected.outcomes), cache: counted(expected.firstRun) });
  const pages = new Map((await listPages(fleet.db, id, { limit: 200 })).map((page) => [page.url, page]));
  for (const { url, outcome, firstRun, redirects } of expected.each) {
    const hops = redirects.map(({ to }) => to);
    expect(pages.get(url)).toMatchObject({ outcome, cache: firstRun, redirects: hops });
  }
  await expectPolite(garden.log, DEMO_RULE);
}, 60_000);

test("the rules of the founding plan hold at the target, over three workers and every kind of request", async () => {
  const sites: [host: string, rule: RateRule][] = [
    ["plain.test", DEFAULT_RULE],
    ["one.webflow.io", PLATFORM_RULES["webflow.io"]!],
    ["one.shopify.com", PLATFORM_RULES["shopify.com"]!],
    ["one.wordpress.com", PLATFORM_RULES["wordpress.com"]!],
  ];
  const ids = await Promise.all(sites.map(([host]) => fleet.submit({ url: web.url(host) })));
  for (const id of ids) expect((await fleet.ended(id)).status).toBe("completed");
  for (const [host, rule] of sites) {
    const log = web.logOf(host);
    // robots.txt, the sitemap, and eleven pages warmed and proved.
    expect(log.entries).toHaveLength(2 + 2 * 11);
    await expectPolite(log, rule);
  }
}, 60_000);

test("a Crawl-delay slows the domain to one request at a time", async () => {
  const job = await fleet.ended(await fleet.submit({ url: web.url("unhurried.test") }));
  expect(job).toMatchObject({ status: "completed", crawlDelay: 1.5, counts: { succeeded: 2 } });
  const { entries } = web.logOf("unhurried.test");
  expect(worstExcess(entries, { requestsPerSecond: 1 / 1.5, burst: 1 }, jitterMs())).toBeLessThanOrEqual(0);
}, 60_000);

describe("a site that gives little", () => {
  test("without a sitemap has its home page warmed, and the job says so", async () => {
    const job = await fleet.ended(await fleet.submit({ url: web.url("bare.test") }));
    expect(job).toMatchObject({ status: "completed", counts: { total: 1, succeeded: 1 } });
    expect(job.warnings).toEqual(["no sitemap was found, so only the home page was checked"]);
  });

  test("that does not exist fails the job with the reason", async () => {
    const job = await fleet.ended(await fleet.submit({ url: "https://nobody.invalid/" }));
    expect(job).toMatchObject({
      status: "failed",
      failure: expect.stringMatching(/^nobody\.invalid does not exist/),
    });
  });

  test("whose robots.txt cannot be read is left alone", async () => {
    const job = await fleet.ended(await fleet.submit({ url: web.url("shut.test") }));
    expect(job).toMatchObject({
      status: "failed",
      failure: expect.stringMatching(/robots\.txt answered 503/),
    });
    expect(web.logOf("shut.test").entries.map(({ path }) => path)).toEqual(["/robots.txt"]);
  });

  test("whose robots.txt holds what Postgres refuses is visited all the same", async () => {
    const job = await fleet.ended(await fleet.submit({ url: web.url("nul.test") }));
    expect(job).toMatchObject({ status: "completed", counts: { succeeded: 1 } });
  });

  test("whose second host does not show its robots.txt at once has that host's page tried again", async () => {
    const id = await fleet.submit({ url: web.url("apex.test") });
    await fleet.until(id, ({ counts, visits }) => counts.succeeded === 1 && visits === 2);
    const pages = await listPages(fleet.db, id, { limit: 5 });
    expect(pages.find(({ url }) => url.endsWith("/a"))).toMatchObject({
      outcome: null,
      attempts: 1,
      reason: expect.stringMatching(/robots\.txt cannot be read.*503/),
    });
  });

  test("that redirects inward is not followed there", async () => {
    const id = await fleet.submit({ url: web.url("inward.test") });
    expect((await fleet.ended(id)).status).toBe("completed");
    const [page] = await listPages(fleet.db, id, { limit: 1 });
    expect(page).toMatchObject({
      outcome: "ok",
      reason: expect.stringMatching(/another domain: http:\/\/10\.0\.0\.1/),
    });
  });
});

test("a job that is cancelled lets go of the sitemap that it reads", async () => {
  const id = await fleet.submit({ url: web.url("endless.test") });
  await fleet.until(id, ({ counts }) => counts.succeeded === 1);
  await fleet.order(id, "cancel");
  // By itself it would be given up after half a minute.
  await left.promise;
  expect(await fleet.ended(id)).toMatchObject({ status: "cancelled", counts: { total: 1 } });
}, 20_000);

test("links are followed on the domain, within robots.txt, each page once", async () => {
  const id = await fleet.submit({ url: web.url("linked.test"), followLinks: true, useSitemap: false });
  const job = await fleet.ended(id);
  expect(job).toMatchObject({ status: "completed", counts: { total: 4, succeeded: 3, skipped: 1 } });
  const pages = await listPages(fleet.db, id, { limit: 10 });
  const found = Object.fromEntries(
    pages.map(({ url, outcome, foundOn }) => [new URL(url).pathname, { outcome, foundOn }]),
  );
  expect(found).toMatchObject({
    "/": { outcome: "ok", foundOn: null },
    "/next": { outcome: "ok", foundOn: web.url("linked.test") },
    "/last": { outcome: "ok" },
    "/secret": { outcome: "disallowed" },
  });
});
