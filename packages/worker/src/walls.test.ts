import { listPages } from "@bee/store";
import { type Answer, html, robotsTxt, type Site, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const RULE = { requestsPerSecond: 50, burst: 10, concurrency: 8 };
/** As many pages as the rule lets be released at once: `c + r/2`. */
const WINDOW = 33;
const PAGES = 300;
const OPEN_PAGES = 40;
/** Pages turned away in a row that end a job of which none, or some, got through. */
const ROW = 10;
const LONG_ROW = 30;

const CHALLENGE: Answer = { status: 403, headers: { "cf-mitigated": "challenge", server: "cloudflare" } };

const SITES: Readonly<Record<string, (page: number) => boolean>> = {
  // Which page stands behind the wall.
  "walled.test": () => true,
  "fed-up.test": (page) => page >= OPEN_PAGES,
  "partly.test": (page) => page % 3 !== 0,
};

let web: Web;
let fleet: TestFleet;

function siteOf(host: string, walled: (page: number) => boolean): Site {
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapOf(Array.from({ length: PAGES }, (_, i) => web.url(host, `/page-${i}`))),
    "/": walled(0) ? CHALLENGE : html("home"),
  };
  for (let i = 0; i < PAGES; i++) pages[`/page-${i}`] = walled(i) ? CHALLENGE : html(`page ${i}`);
  return { pages };
}

beforeAll(async () => {
  const hosts = Object.entries(SITES).map(([host, walled]) => [host, siteOf(host, walled)]);
  web = await startWeb({ hosts: Object.fromEntries(hosts) });
  fleet = await startFleet({ rules: Object.fromEntries(Object.keys(SITES).map((host) => [host, RULE])) });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

async function warm(host: string) {
  const id = await fleet.submit({ url: web.url(host) });
  const job = await fleet.ended(id);
  expect(job).toMatchObject({ status: "completed", counts: { total: PAGES + 1, pending: 0, released: 0 } });
  const asked = web.logOf(host).entries.filter(({ path }) => !/robots|sitemap/.test(path));
  return { id, job, asked: asked.length, turnedAway: asked.filter(({ status }) => status === 403).length };
}

test("a site of 300 pages that turns everybody away gets ten requests for them, and all are told as blocked", async () => {
  const { id, job, asked } = await warm("walled.test");
  // One at a time, since none has answered well; as many as fit into a batch of results may follow.
  expect(asked).toBeGreaterThanOrEqual(ROW);
  expect(asked).toBeLessThan(2 * ROW);
  expect(job.counts).toMatchObject({ failed: PAGES + 1 });
  const pages = await listPages(fleet.db, id, { limit: PAGES + 1 });
  expect(pages.every(({ outcome }) => outcome === "blocked")).toBe(true);
  expect(pages[0]!.reason).toBe("Cloudflare turned us away (cf-mitigated: challenge)");
  expect(pages.at(-1)).toMatchObject({
    status: null,
    attempts: 0,
    reason: "at least 10 pages in a row were turned away, so this one was not tried any more",
  });
}, 60_000);

test("a site that has enough in the midst of a job gets what is under way, and thirty more", async () => {
  const { job, turnedAway } = await warm("fed-up.test");
  expect(turnedAway).toBeLessThanOrEqual(WINDOW + LONG_ROW);
  expect(job.counts).toMatchObject({ succeeded: OPEN_PAGES + 1, failed: PAGES - OPEN_PAGES });
}, 60_000);

test("a site of which some pages let us through is visited to its end", async () => {
  const { job, asked } = await warm("partly.test");
  expect(asked).toBe(PAGES + 1);
  expect(job.counts).toMatchObject({ succeeded: PAGES / 3 + 1, failed: (PAGES * 2) / 3 });
}, 60_000);
