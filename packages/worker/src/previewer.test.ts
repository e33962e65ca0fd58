import { randomUUID } from "node:crypto";
import { domainOf, type JobOptions, ruleFor, type SiteSeen } from "@bee/core";
import { askForPreview, readPreview } from "@bee/queue";
import { ensureDomain, pauseDomain } from "@bee/store";
import { html, robotsTxt, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

let web: Web;
let fleet: TestFleet;

beforeAll(async () => {
  web = await startWeb({
    hosts: {
      "seen.test": {
        pages: {
          "/robots.txt": robotsTxt("User-agent: *", "Disallow: /private", "Crawl-delay: 0.2"),
          "/sitemap.xml": () =>
            sitemapOf([
              ...["/", "/a", "/b", "/b", "/c", "/private/x", "/old/y"].map((path) =>
                web.url("seen.test", path),
              ),
              "https://other.example/",
            ]),
          "/": html("home"),
        },
      },
      "closed.test": { pages: { "/robots.txt": { status: 503 } } },
      "paused.test": { pages: { "/": html("home") } },
    },
  });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

const OPTIONS: JobOptions = {
  maxPages: 500,
  useSitemap: true,
  followLinks: false,
  include: [],
  exclude: [],
  verify: "all",
};

async function preview(host: string, options: Partial<JobOptions> = {}): Promise<SiteSeen> {
  const id = randomUUID();
  const domain = domainOf(host);
  await ensureDomain(fleet.db, domain, ruleFor(domain, {}));
  await askForPreview(fleet.redis, id);
  const site = { url: web.url(host), domain, options: { ...OPTIONS, ...options } };
  await fleet.queues.addPreview({ preview: id, ...site }, "normal");
  for (;;) {
    const kept = await readPreview(fleet.redis, id);
    if (kept === null || kept.done) return kept!.seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const visitedAt = (host: string) => web.logOf(host).entries.map(({ path }) => path);

test("counts what a job would find, and visits no page", async () => {
  const seen = await preview("seen.test", { exclude: ["/old/"], maxPages: 4 });
  expect(seen).toEqual({
    complete: true,
    problem: null,
    robots: { status: "found", crawlDelay: 0.2, sitemaps: [web.url("seen.test", "/sitemap.xml")] },
    pages: { listed: 8, toVisit: 4, disallowed: 0, filtered: 1, foreign: 1, overCap: 1 },
    warnings: [],
  });
  expect(new Set(visitedAt("seen.test"))).toEqual(new Set(["/robots.txt", "/sitemap.xml"]));
  expect(await fleet.db.selectFrom("pages").select("id").execute()).toEqual([]);
});

test("says why the job would fail", async () => {
  const seen = await preview("closed.test");
  expect(seen).toMatchObject({
    robots: { status: "unreachable" },
    pages: { toVisit: 0 },
    problem: expect.stringMatching(/^The job would fail: robots\.txt answered 503/),
  });
});

test("asks nothing of a paused domain", async () => {
  await ensureDomain(fleet.db, "paused.test", ruleFor("paused.test", {}));
  await pauseDomain(fleet.db, "paused.test");
  // Without the message to the workers they find out by asking.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const seen = await preview("paused.test");
  expect(seen).toMatchObject({ complete: false, problem: expect.stringContaining("paused") });
  expect(visitedAt("paused.test")).toEqual([]);
});

test("does nothing for one whom nobody waits for", async () => {
  const site = { url: web.url("seen.test", "/"), domain: "seen.test", options: OPTIONS };
  const before = visitedAt("seen.test").length;
  await fleet.queues.addPreview({ preview: randomUUID(), ...site }, "normal");
  const wanted = await preview("seen.test", { useSitemap: false });
  expect(wanted.pages).toMatchObject({ listed: 0, toVisit: 1 });
  // The sitemap was not read again by either.
  expect(visitedAt("seen.test").slice(before)).not.toContain("/sitemap.xml");
});
