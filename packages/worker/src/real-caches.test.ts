import { setTimeout as delay } from "node:timers/promises";
import { type Job, listPages } from "@bee/store";
import {
  type Answer,
  findProgram,
  html,
  monotonicMs,
  type RunningCache,
  robotsTxt,
  type Site,
  sitemapOf,
  startNginx,
  startVarnish,
  startWeb,
  type Web,
} from "@bee/testkit";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

/** Fast: it is the cache that is looked at here. */
const RULE = { requestsPerSecond: 50, burst: 20, concurrency: 8 };

/** How long the origin thinks, which a hit saves. */
const ORIGIN_MS = 250;

const KEPT = { "cache-control": "public, max-age=600" };

/** What the origin says of each page, in the first job and, where that differs, in the second. */
const PAGES: Readonly<Record<string, readonly [first: Answer["headers"], second?: Answer["headers"]]>> = {
  "/kept": [KEPT],
  "/private": [{ "cache-control": "private, max-age=600" }],
  "/no-store": [{ "cache-control": "no-store" }],
  "/no-cache": [{ "cache-control": "no-cache" }],
  "/zero": [{ "cache-control": "max-age=0" }],
  "/cookie": [{ ...KEPT, "set-cookie": "session=1" }],
  "/vary": [{ ...KEPT, vary: "*" }],
  // Neither nginx nor Varnish knows this header.
  "/cdn": [{ ...KEPT, "cdn-cache-control": "no-store" }],
  "/silent": [{}],
  "/pragma": [{ pragma: "no-cache" }],
  "/short": [{ "cache-control": "max-age=1" }, KEPT],
  "/stale": [{ "cache-control": "max-age=1" }, KEPT],
};

const ALIKE = {
  "/": "warmed",
  "/kept": "warmed",
  "/cdn": "warmed",
  "/private": "uncacheable: Cache-Control: private forbids shared caches to keep it",
  "/no-store": "uncacheable: Cache-Control: no-store forbids shared caches to keep it",
  "/no-cache": "uncacheable: Cache-Control: no-cache makes caches ask the origin every time",
  "/zero": "uncacheable: Cache-Control: max-age=0 makes it stale at once",
  "/cookie": "uncacheable: Set-Cookie makes it personal, so shared caches do not keep it",
  "/vary": "uncacheable: Vary: * makes every request a different one",
};

describe.each([
  {
    program: "nginx",
    binary: findProgram("nginx"),
    start: startNginx,
    // nginx keeps only what names its lifetime.
    expected: {
      ...ALIKE,
      "/silent": "unproven: still a miss on the second visit (x-cache-status: MISS)",
      "/pragma": "uncacheable: Pragma: no-cache asks caches not to serve it",
    },
    passedOnTwice: ["/pragma", "/silent"],
  },
  {
    program: "varnishd",
    binary: findProgram("varnishd"),
    start: startVarnish,
    // Varnish keeps for two minutes what says nothing.
    expected: { ...ALIKE, "/silent": "warmed", "/pragma": "warmed" },
    passedOnTwice: [],
  },
])("behind a real $program", ({ program, binary, start, expected, passedOnTwice }) => {
  const host = `${program}.test`;
  let web: Web;
  let cache: RunningCache;
  let fleet: TestFleet;
  let jobs = 0;

  const url = (path: string) => `http://${host}:${cache.port}${path}`;
  const paths = ["/", ...Object.keys(PAGES)];

  function site(): Site {
    const pages: Site["pages"] = {
      "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
      "/sitemap.xml": () => sitemapOf(paths.map(url)),
      "/": { ...html("home"), headers: KEPT, delayMs: ORIGIN_MS },
    };
    for (const [path, [first, second = first]] of Object.entries(PAGES)) {
      pages[path] = () => ({ ...html(path), headers: { ...(jobs === 1 ? first : second) } });
    }
    return { pages };
  }

  if (binary === null) {
    test.skip("is not installed", () => {});
    return;
  }

  beforeAll(async () => {
    web = await startWeb({ hosts: { [host]: site() } });
    cache = await start(binary, web.port);
    fleet = await startFleet({ rules: { [host]: RULE } });
  }, 60_000);
  afterAll(async () => {
    await fleet?.stop();
    await cache?.stop();
    await web?.stop();
  });

  async function warm(): Promise<Job> {
    jobs += 1;
    web.logOf(host).clear();
    return fleet.ended(await fleet.submit({ url: url("/") }));
  }

  async function pagesOf(job: Job) {
    const pages = await listPages(fleet.db, job.id, { limit: 50 });
    return new Map(pages.map((page) => [new URL(page.url).pathname, page]));
  }

  const told = (page: { cache: string | null; reason: string | null } | undefined) =>
    [page?.cache, page?.reason].filter((part) => part !== null).join(": ");
  const originAsked = (path: string) => web.logOf(host).entries.filter((entry) => entry.path === path).length;

  test("two jobs tell what it keeps, prove it, and find what had become too old", async () => {
    const job = await warm();
    expect(job).toMatchObject({
      status: "completed",
      counts: { total: paths.length, succeeded: paths.length },
    });
    const first = await pagesOf(job);
    const results = Object.keys(expected).map((path) => [path, told(first.get(path))]);
    expect(Object.fromEntries(results)).toEqual(expected);

    // The second visit of a page that is kept did not get through to the origin, and one that a header excludes had none.
    const twice = Object.keys(expected).filter((path) => originAsked(path) > 1);
    expect(twice.sort()).toEqual([...passedOnTwice].sort());
    // Before, the origin had to think; after, it was not asked. Both are kept.
    const home = first.get("/")!;
    expect(home.ttfbMs).toBeGreaterThanOrEqual(ORIGIN_MS - 1);
    expect(home.provedTtfbMs).not.toBeNull();
    expect(first.get("/private")!.provedTtfbMs).toBeNull();

    // What may be kept for one second is too old after two.
    const asked = web.logOf(host).entries.filter(({ path }) => path === "/short" || path === "/stale");
    await delay(Math.max(0, asked.at(-1)!.startedAt + 2_500 - monotonicMs()));
    const second = await pagesOf(await warm());
    const again = ["/", "/kept", "/cdn", "/short", "/stale"].map((path) => [path, told(second.get(path))]);
    expect(Object.fromEntries(again)).toEqual({
      "/": "already-warm",
      "/kept": "already-warm",
      "/cdn": "already-warm",
      "/short": "warmed",
      "/stale": "warmed",
    });
    expect(["/", "/kept", "/short", "/stale"].map(originAsked)).toEqual([0, 0, 1, 1]);
  }, 90_000);
});
