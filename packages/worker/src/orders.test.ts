import {
  type Answer,
  html,
  monotonicMs,
  robotsTxt,
  type Site,
  sitemapIndexOf,
  sitemapOf,
  startWeb,
  type Web,
} from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

/** Its window, 15 pages, takes two and a half seconds: what is released at a stop would be asked for long after. */
const RULE = { requestsPerSecond: 6, burst: 2, concurrency: 12 };
const PAGES = 26;
/** Of the site that is warmed to see what is asked of another one meanwhile: some three seconds. */
const OTHER_PAGES = 18;
const SITEMAPS = 12;

const SITES = ["cancel", "cancel-unheard", "pause", "pause-unheard", "sitemaps", "mixed", "other"].map(
  (name) => `${name}.test`,
);

let web: Web;
let fleet: TestFleet;
/** Whether the pages of mixed.test that fail at first have been mended. */
let mended = false;

const paths = (count: number) => Array.from({ length: count }, (_, i) => `/page-${i}`);

function siteOf(host: string): Site {
  if (host === "sitemaps.test") return siteOfSitemaps(host);
  const own = paths(host === "other.test" ? OTHER_PAGES : PAGES);
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapOf(own.map((path) => web.url(host, path))),
    "/": html("home"),
  };
  for (const [i, path] of own.entries()) {
    const fails = host === "mixed.test" && i % 8 === 0;
    pages[path] = (): Answer => (fails && !mended ? { status: 404 } : html(path));
  }
  return { pages };
}

/** A site whose sitemaps alone take more than a second to read. */
function siteOfSitemaps(host: string): Site {
  const names = Array.from({ length: SITEMAPS }, (_, i) => `/sitemap-${i}.xml`);
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapIndexOf(names.map((name) => web.url(host, name))),
    "/": html("home"),
  };
  for (const [i, name] of names.entries()) {
    pages[name] = () => sitemapOf([web.url(host, `/of-${i}`)]);
    pages[`/of-${i}`] = html(name);
  }
  return { pages };
}

beforeAll(async () => {
  web = await startWeb({ hosts: Object.fromEntries(SITES.map((host) => [host, siteOf(host)])) });
  fleet = await startFleet({ rules: Object.fromEntries(SITES.map((host) => [host, RULE])) });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

const submit = (host: string) => fleet.submit({ url: web.url(host), verify: "none" });
const entriesOf = (host: string) => web.logOf(host).entries;

/** Gives the order in the midst of the job, and says when it was answered. */
async function orderAmidst(host: string, order: "cancel" | "pause", heard: "heard" | "unheard") {
  const id = await submit(host);
  await fleet.until(id, ({ counts }) => counts.succeeded >= 5);
  await fleet.order(id, order, heard);
  return { id, answeredAt: monotonicMs() };
}

/** Requests that began more than a second after the answer. */
async function lateRequests(host: string, answeredAt: number) {
  const other = await fleet.ended(await submit("other.test"));
  expect(other.status).toBe("completed");
  expect(monotonicMs()).toBeGreaterThan(answeredAt + 2_000);
  return entriesOf(host).filter(({ startedAt }) => startedAt > answeredAt + 1_000);
}

describe.each(["heard", "unheard"] as const)("an order that the workers have %s", (heard) => {
  const suffix = heard === "heard" ? "" : "-unheard";

  test("to cancel: within a second no request of the job starts any more", async () => {
    const host = `cancel${suffix}.test`;
    const { id, answeredAt } = await orderAmidst(host, "cancel", heard);
    expect(await lateRequests(host, answeredAt)).toEqual([]);
    const { status, counts } = await fleet.until(id, () => true);
    expect({ status, open: counts.pending + counts.released }).toEqual({ status: "cancelled", open: 0 });
    expect(counts.succeeded + counts.cancelled).toBe(PAGES + 1);
  }, 60_000);

  test("to pause: within a second none starts, and when resumed it completes with each page once", async () => {
    const host = `pause${suffix}.test`;
    const { id, answeredAt } = await orderAmidst(host, "pause", heard);
    expect(await lateRequests(host, answeredAt)).toEqual([]);
    const paused = await fleet.until(id, ({ counts }) => counts.released === 0);
    expect(paused).toMatchObject({ status: "paused", counts: { cancelled: 0 } });
    expect(paused.counts.pending).toBeGreaterThan(0);

    await fleet.order(id, "resume", heard);
    const job = await fleet.ended(id);
    expect(job).toMatchObject({ status: "completed", counts: { total: PAGES + 1, succeeded: PAGES + 1 } });
    const asked = entriesOf(host).map(({ path }) => path);
    expect(asked.sort()).toEqual(["/", "/robots.txt", "/sitemap.xml", ...paths(PAGES)].sort());
  }, 60_000);
});

test("a job that is paused while its sitemaps are read stops reading, and is whole when it is resumed", async () => {
  const host = "sitemaps.test";
  const id = await submit(host);
  await fleet.until(id, ({ counts }) => counts.total >= 2);
  await fleet.order(id, "pause");
  const answeredAt = monotonicMs();
  expect(await lateRequests(host, answeredAt)).toEqual([]);
  const read = new Set(entriesOf(host).map(({ path }) => path));
  expect([...read].filter((path) => path.startsWith("/sitemap-")).length).toBeLessThan(SITEMAPS);

  await fleet.order(id, "resume");
  const job = await fleet.ended(id);
  expect(job).toMatchObject({
    status: "completed",
    counts: { total: SITEMAPS + 1, succeeded: SITEMAPS + 1 },
  });
  const pages = entriesOf(host).filter(({ path }) => path.startsWith("/of-"));
  expect(pages).toHaveLength(SITEMAPS);
}, 60_000);

test("a retry asks for the pages that failed, and for no other", async () => {
  const host = "mixed.test";
  const id = await submit(host);
  const failing = paths(PAGES).filter((_, i) => i % 8 === 0);
  expect((await fleet.ended(id)).counts).toMatchObject({ failed: failing.length });
  web.logOf(host).clear();
  mended = true;
  await fleet.order(id, "retry");
  const job = await fleet.ended(id);
  expect(job).toMatchObject({ status: "completed", counts: { succeeded: PAGES + 1, failed: 0 } });
  expect(
    entriesOf(host)
      .map(({ path }) => path)
      .sort(),
  ).toEqual(failing.sort());
}, 60_000);
