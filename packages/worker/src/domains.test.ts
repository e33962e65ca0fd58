import type { RateRule } from "@bee/core";
import { announceRule, sendControl } from "@bee/queue";
import { getDomain, pauseDomain, resumeDomain, setOperatorRule } from "@bee/store";
import {
  html,
  monotonicMs,
  mostInFlight,
  robotsTxt,
  type Site,
  sitemapIndexOf,
  sitemapOf,
  startWeb,
  type Web,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";
import { jitterSince } from "./testing/jitter.ts";

const jitterMs = jitterSince(beforeEach);
/** Within so long a rule is in force everywhere. */
const IN_FORCE_MS = 2_000;

const FAST = { requestsPerSecond: 20, burst: 3, concurrency: 8 };
const SLOW = { requestsPerSecond: 2, burst: 1, concurrency: 1 };
const PAGES = 90;
/** Its window, 15 pages, takes two and a half seconds: what is released at a pause would be asked for long after. */
const WIDE = { requestsPerSecond: 6, burst: 2, concurrency: 12 };
const PAUSED_PAGES = 20;
const SITEMAPS = 40;

let web: Web;
let fleet: TestFleet;

const paths = (count: number) => Array.from({ length: count }, (_, i) => `/page-${i}`);

interface SiteOptions {
  readonly pages?: number;
  readonly robots?: readonly string[];
  /** Of every answer. */
  readonly headers?: Readonly<Record<string, string>>;
}

function siteOf(host: string, { pages = PAGES, robots = [], headers = {} }: SiteOptions = {}): Site {
  const answers: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /", ...robots),
    "/sitemap.xml": () => sitemapOf(paths(pages).map((path) => web.url(host, path))),
  };
  for (const path of ["/", ...paths(pages)]) {
    const answer = html(path);
    answers[path] = { ...answer, headers: { ...answer.headers, ...headers } };
  }
  return { pages: answers };
}

/** A site whose sitemaps alone take seconds to read. */
function siteOfSitemaps(host: string): Site {
  const names = Array.from({ length: SITEMAPS }, (_, i) => `/sitemap-${i}.xml`);
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapIndexOf(names.map((name) => web.url(host, name))),
    "/": html("home"),
  };
  for (const name of names) pages[name] = () => sitemapOf([web.url(host, "/")]);
  return { pages };
}

const SHOPIFY = { "x-shopid": "4711", "powered-by": "Shopify" };

beforeAll(async () => {
  const hosts: Record<string, Site> = {
    "sitemaps.test": siteOfSitemaps("sitemaps.test"),
    "shop.test": siteOf("shop.test", { pages: 20, headers: SHOPIFY }),
    "slow-blog.test": siteOf("slow-blog.test", {
      pages: 2,
      robots: ["Crawl-delay: 1"],
      headers: { "host-header": "WordPress.com" },
    }),
    "paid.test": siteOf("paid.test", { pages: 40 }),
    "paid-slow.test": siteOf("paid-slow.test", { pages: 2, robots: ["Crawl-delay: 1"] }),
    "named.test": siteOf("named.test", {
      pages: 2,
      robots: [
        "User-agent: BlueBandedBee",
        "Disallow: /page-0",
        "User-agent: acmewarmer",
        "Disallow: /page-1",
      ],
    }),
    "guest.test": siteOf("guest.test", {
      pages: 2,
      robots: ["Sitemap: http://away.test/sitemap.xml", "Sitemap: /sitemap.xml"],
    }),
    "elsewhere.test": siteOf("elsewhere.test", { pages: 20 }),
  };
  hosts["rule.test"] = siteOf("rule.test");
  for (const name of ["heard", "unheard"])
    hosts[`${name}.test`] = siteOf(`${name}.test`, { pages: PAUSED_PAGES });
  web = await startWeb({ hosts });
  const rulesOf = (rule: RateRule, ...names: string[]) =>
    Object.fromEntries(names.map((name) => [`${name}.test`, rule]));
  fleet = await startFleet({
    environment: { BEE_USER_AGENT_TOKEN: "AcmeWarmer", BEE_CONTACT_URL: "https://acme.example/bot" },
    rules: {
      ...rulesOf(FAST, "rule", "sitemaps", "elsewhere"),
      ...rulesOf(WIDE, "heard", "unheard"),
    },
  });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

const entriesOf = (host: string) => web.logOf(host).entries;
const submit = (host: string, plan?: "standard" | "premium") =>
  fleet.submit({ url: web.url(host), verify: "none" }, plan);

/** Gives a domain another rule as the API does. */
async function putRule(domain: string, rule: RateRule): Promise<void> {
  const { inForce, release } = await setOperatorRule(fleet.db, domain, rule);
  await announceRule(fleet.redis, domain, inForce);
  await fleet.queues.dispatch(release);
}

/** As soon as so many more requests have come to the host. */
async function untilAsked(host: string, more: number): Promise<void> {
  const enough = entriesOf(host).length + more;
  while (entriesOf(host).length < enough) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The requests of a host that began in a span of time. */
const between = (host: string, from: number, to: number) =>
  entriesOf(host).filter(({ startedAt }) => startedAt >= from && startedAt < to);

test("a rule that is made slower and then faster amid a job is kept by three workers within two seconds", async () => {
  const host = "rule.test";
  const id = await submit(host);
  await untilAsked(host, 30);
  await putRule(host, SLOW);
  const slowedAt = monotonicMs();
  // Whatever was on its way under the old rule, then some under the new one.
  while (monotonicMs() < slowedAt + IN_FORCE_MS) await untilAsked(host, 1);
  await untilAsked(host, 6);
  await putRule(host, FAST);
  const fastAt = monotonicMs();
  await fleet.ended(id);

  const slow = between(host, slowedAt + IN_FORCE_MS, fastAt);
  expect(slow.length).toBeGreaterThanOrEqual(6);
  expect(worstExcess(slow, SLOW, jitterMs())).toBeLessThanOrEqual(0);
  expect(mostInFlight(slow)).toBe(1);
  const fast = between(host, fastAt, Number.POSITIVE_INFINITY);
  expect(worstExcess(fast, FAST, jitterMs())).toBeLessThanOrEqual(0);
  // It is used as well: the old rule would not have allowed it.
  expect(worstExcess(between(host, fastAt + IN_FORCE_MS, Number.POSITIVE_INFINITY), SLOW)).toBeGreaterThan(5);
}, 90_000);

describe.each(["heard", "unheard"] as const)("a pause that the workers have %s", (heard) => {
  test("stops all jobs of the domain within a second, and each page is visited once in the end", async () => {
    const host = `${heard}.test`;
    const jobs = [await submit(host), await submit(host)];
    await untilAsked(host, 12);
    await pauseDomain(fleet.db, host);
    if (heard === "heard") await sendControl(fleet.redis, { type: "domain-paused", domain: host });
    const pausedAt = monotonicMs();
    // Time passes: another site is warmed meanwhile.
    await fleet.ended(await submit("elsewhere.test"));
    while (monotonicMs() < pausedAt + 2_500) await fleet.ended(await submit("elsewhere.test"));
    expect(between(host, pausedAt + 1_000, Number.POSITIVE_INFINITY)).toEqual([]);
    for (const id of jobs) {
      const { status, domainPaused, counts } = await fleet.until(id, ({ counts }) => counts.released === 0);
      expect({ status, domainPaused }).toEqual({ status: "running", domainPaused: true });
      expect(counts).toMatchObject({ cancelled: 0, failed: 0 });
    }

    const { release } = await resumeDomain(fleet.db, host);
    await sendControl(fleet.redis, { type: "domain-resumed", domain: host });
    await fleet.queues.dispatch(release);
    for (const id of jobs) {
      const { status, counts } = await fleet.ended(id);
      expect({ status, succeeded: counts.succeeded }).toEqual({
        status: "completed",
        succeeded: PAUSED_PAGES + 1,
      });
    }
    const asked = entriesOf(host).filter(({ path }) => path.startsWith("/page-"));
    expect(asked).toHaveLength(2 * PAUSED_PAGES);
  }, 90_000);
});

test("a pause breaks off the reading of sitemaps, and a job whose sitemaps were being read is whole afterwards", async () => {
  const host = "sitemaps.test";
  const id = await submit(host);
  await untilAsked(host, 5);
  await pauseDomain(fleet.db, host);
  await sendControl(fleet.redis, { type: "domain-paused", domain: host });
  const pausedAt = monotonicMs();
  while (monotonicMs() < pausedAt + 2_500) await fleet.ended(await submit("elsewhere.test"));
  expect(between(host, pausedAt + 1_000, Number.POSITIVE_INFINITY)).toEqual([]);
  expect(entriesOf(host).length).toBeLessThan(SITEMAPS);

  const { release } = await resumeDomain(fleet.db, host);
  await sendControl(fleet.redis, { type: "domain-resumed", domain: host });
  await fleet.queues.dispatch(release);
  expect(await fleet.ended(id)).toMatchObject({
    status: "completed",
    failure: null,
    warnings: [],
    counts: { total: 1, succeeded: 1 },
  });
}, 90_000);

test("a job whose sitemap lies with a domain that is paused goes on without it", async () => {
  await setOperatorRule(fleet.db, "away.test", FAST);
  await pauseDomain(fleet.db, "away.test");
  await sendControl(fleet.redis, { type: "domain-paused", domain: "away.test" });
  expect(await fleet.ended(await submit("guest.test"))).toMatchObject({
    status: "completed",
    warnings: ["http://away.test/sitemap.xml: away.test was paused by an operator"],
    counts: { total: 3, succeeded: 3 },
  });
});

test("a shop under a name of its own gets the rule of its platform by its answers", async () => {
  await fleet.ended(await submit("shop.test"));
  const shopify = { requestsPerSecond: 3, burst: 8, concurrency: 3 };
  expect(await getDomain(fleet.db, "shop.test")).toMatchObject({
    platform: "shopify.com",
    rule: { ...shopify, source: "platform" },
  });
  expect(worstExcess(entriesOf("shop.test"), shopify, jitterMs())).toBeLessThanOrEqual(0);
}, 60_000);

test("a platform whose rule is faster does not outrun a Crawl-delay", async () => {
  const host = "slow-blog.test";
  await fleet.ended(await submit(host));
  expect(await getDomain(fleet.db, host)).toMatchObject({
    platform: "wordpress.com",
    rule: { requestsPerSecond: 5, source: "platform" },
    pace: { requestsPerSecond: 1, burst: 1, concurrency: 1, reasons: ["crawl-delay"] },
  });
  const pages = entriesOf(host).filter(({ path }) => path.startsWith("/page-"));
  expect(worstExcess(pages, { requestsPerSecond: 1, burst: 1 }, jitterMs())).toBeLessThanOrEqual(0);
}, 60_000);

describe("a job of a premium key", () => {
  const DEFAULT = { requestsPerSecond: 3, burst: 5, concurrency: 3 };
  const DOUBLED = { ...DEFAULT, requestsPerSecond: 6 };

  test("is visited at twice the rate, and what comes after it is not", async () => {
    const host = "paid.test";
    await fleet.ended(await submit(host, "premium"));
    const paid = entriesOf(host);
    expect(worstExcess(paid, DOUBLED, jitterMs())).toBeLessThanOrEqual(0);
    expect(mostInFlight(paid)).toBeLessThanOrEqual(DEFAULT.concurrency);
    // The rate is used, too: the domain's own would not have allowed it.
    expect(worstExcess(paid, DEFAULT)).toBeGreaterThan(8);
    const endedAt = monotonicMs();
    await fleet.ended(await submit(host));
    const after = between(host, endedAt, Number.POSITIVE_INFINITY);
    expect(after.length).toBeGreaterThan(40);
    expect(worstExcess(after, DEFAULT, jitterMs())).toBeLessThanOrEqual(0);
  }, 90_000);

  test("goes no faster than a Crawl-delay", async () => {
    const host = "paid-slow.test";
    await fleet.ended(await submit(host, "premium"));
    const pages = entriesOf(host).filter(({ path }) => path.startsWith("/page-"));
    expect(worstExcess(pages, { requestsPerSecond: 1, burst: 1 }, jitterMs())).toBeLessThanOrEqual(0);
  }, 60_000);
});

test("a fleet with a name of its own says so in each request, and keeps to the robots.txt group of that name", async () => {
  const host = "named.test";
  const { counts } = await fleet.ended(await submit(host));
  expect(counts).toMatchObject({ total: 3, succeeded: 2, skipped: 1 });
  const asked = entriesOf(host).map(({ path }) => path);
  expect(asked.sort()).toEqual(["/", "/page-0", "/robots.txt", "/sitemap.xml"]);
  for (const { userAgent } of entriesOf(host))
    expect(userAgent).toMatch(/^AcmeWarmer\/\d+\.\d+\.\d+ \(\+https:\/\/acme\.example\/bot; /);
});
