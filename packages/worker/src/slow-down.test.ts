import type { RuleBook } from "@bee/core";
import { readTallies } from "@bee/store";
import {
  type Answer,
  html,
  mostInFlight,
  type RequestEntry,
  robotsTxt,
  type Site,
  sitemapOf,
  startWeb,
  type Web,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";
import { jitterSince } from "./testing/jitter.ts";

const RULE = { requestsPerSecond: 10, burst: 5, concurrency: 4 };
/** Pages of a domain that are released at once: those that may be on their way when the site begins to refuse. */
const WINDOW = 9;

let fleet: TestFleet;
let web: Web;
let jobs: Record<string, string>;

/** A site of pages without a cache; `answer` is asked with the number of each request for a page, from 1. */
function site(host: string, pages: number, answer: (request: number) => Answer): Site {
  let requests = 0;
  const paths = Array.from({ length: pages }, (_, i) => `/page-${i}`);
  const respond = () => answer(++requests);
  return {
    pages: {
      "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
      "/sitemap.xml": () => sitemapOf(paths.map((path) => web.url(host, path))),
      "/": html("home"),
      ...Object.fromEntries(paths.map((path) => [path, respond])),
    },
  };
}

/** Refuses from one request for a page on until nobody has asked for so long. */
function untilQuiet(begin: number, quietMs: number, refusal: () => Answer): (request: number) => Answer {
  let refusing = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  return (request) => {
    if (request === begin) refusing = true;
    else if (performance.now() - askedAt >= quietMs) refusing = false;
    askedAt = performance.now();
    return refusing ? refusal() : html(`answer ${request}`);
  };
}

/** Becomes slow, until six requests in a row have found it without another one. */
const tired = { isSlow: false, alone: 0, slow: 0 };
function untilAlone(request: number): Answer {
  if (request === 21) tired.isSlow = true;
  tired.alone = web.logOf("tired.test").entries.at(-1)!.open === 1 ? tired.alone + 1 : 0;
  if (tired.alone === 6) tired.isSlow = false;
  if (tired.isSlow) tired.slow += 1;
  return { ...html(`answer ${request}`), delayMs: tired.isSlow ? 700 : 120 };
}

const inThreeSeconds = () => new Date(Date.now() + 3_000).toUTCString();

const SITES: Record<string, Site> = {
  "unnamed.test": site(
    "unnamed.test",
    30,
    untilQuiet(6, 4_900, () => ({ status: 429 })),
  ),
  "seconds.test": site(
    "seconds.test",
    12,
    untilQuiet(6, 2_900, () => ({ status: 429, headers: { "retry-after": "3" } })),
  ),
  "date.test": site(
    "date.test",
    12,
    untilQuiet(6, 2_900, () => ({ status: 503, headers: { "retry-after": inThreeSeconds() } })),
  ),
  "tired.test": site("tired.test", 120, untilAlone),
};

beforeAll(async () => {
  web = await startWeb({ hosts: SITES });
  const rules: RuleBook = Object.fromEntries(Object.keys(SITES).map((host) => [host, RULE]));
  fleet = await startFleet({ rules });
  const submitted = Object.keys(SITES).map(async (host) => [
    host,
    await fleet.submit({ url: web.url(host) }),
  ]);
  jobs = Object.fromEntries(await Promise.all(submitted));
});
const jitterMs = jitterSince(beforeAll);
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

/** The requests for pages that a site has seen when its job has ended. */
async function pagesOf(host: string): Promise<readonly RequestEntry[]> {
  const job = await fleet.ended(jobs[host]!);
  expect(job).toMatchObject({ status: "completed", counts: { failed: 0 } });
  const { outcomes } = (await readTallies(fleet.db, [job.id])).get(job.id)!;
  expect(outcomes).toEqual({ ok: job.counts.total });
  await web.logOf(host).idle();
  return web.logOf(host).entries.filter(({ path }) => path.startsWith("/page"));
}

/** The requests before the longest silence, and those after it, with its length in milliseconds. */
function aroundSilence(entries: readonly RequestEntry[]) {
  const gaps = entries.slice(1).map(({ startedAt }, i) => startedAt - entries[i]!.startedAt);
  const silence = Math.max(...gaps);
  const at = gaps.indexOf(silence) + 1;
  return { before: entries.slice(0, at), silence, after: entries.slice(at) };
}

const refusals = (entries: readonly RequestEntry[]) =>
  entries.filter(({ status }) => status === 429 || status === 503).length;

test.each(["seconds.test", "date.test"])(
  "%s asks for three seconds and gets them from the whole fleet, and every page is fine in the end",
  async (host) => {
    const { before, silence, after } = aroundSilence(await pagesOf(host));
    expect(refusals(before)).toBeGreaterThan(0);
    expect(refusals(before)).toBeLessThanOrEqual(WINDOW);
    expect(silence).toBeGreaterThanOrEqual(3_000 - jitterMs());
    expect(refusals(after)).toBe(0);
  },
  60_000,
);

test("a site that does not say how long is left alone for five seconds, and then asked slowly", async () => {
  const { before, silence, after } = aroundSilence(await pagesOf("unnamed.test"));
  expect(refusals(before)).toBeLessThanOrEqual(WINDOW);
  expect(silence).toBeGreaterThanOrEqual(5_000 - jitterMs());
  expect(refusals(after)).toBe(0);
  // At a fifth of the rule, one at a time; an older burst may be used up once.
  const first = after.slice(0, 5);
  expect(mostInFlight(first)).toBe(1);
  const [start, end] = [first[0]!.startedAt, first.at(-1)!.startedAt];
  expect(end - start).toBeGreaterThanOrEqual(
    (4 / 2 - RULE.burst / RULE.requestsPerSecond) * 1_000 - jitterMs(),
  );
}, 60_000);

test("an origin that becomes slow is asked for one page at a time, and for more again when it is well", async () => {
  const entries = await pagesOf("tired.test");
  expect(mostInFlight(entries.slice(0, 20))).toBeGreaterThan(1);
  // It has recovered, so it was left alone; after some five answers of four at once and five of two.
  expect(tired.isSlow).toBe(false);
  expect(tired.slow).toBeLessThan(50);
  expect(mostInFlight(entries.slice(-25))).toBeGreaterThan(1);
}, 60_000);
