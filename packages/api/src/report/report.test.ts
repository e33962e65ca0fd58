import type { Page } from "@bee/store";
import { expect, test } from "@jest/globals";
import { NO_FACTS, toJobView } from "../jobs/job-view.ts";
import { job } from "../testing/job.ts";
import { page } from "../testing/page.ts";
import type { Earlier, Failed } from "./comparison.ts";
import { buildReport } from "./report.ts";

const view = toJobView(job({ warnings: ["one sitemap was cut short"] }), NO_FACTS);

async function reportOf(pages: Iterable<Page>, earlier: Earlier | null = null) {
  async function* each() {
    yield* pages;
  }
  return buildReport(view, each(), earlier);
}

test("the headline says what was checked, and what could not be", async () => {
  const { headline, summary } = await reportOf([
    page(),
    page({ outcome: "broken", status: 404, cache: "none" }),
    page({ outcome: "blocked", cache: "none" }),
    page({ outcome: "unreachable", cache: "none", status: null }),
    page({ outcome: "disallowed", cache: "none", status: null }),
    page({ outcome: null, cache: null }),
  ]);
  expect(headline).toBe("checked 2 of 6; 1 blocked; 1 not reachable");
  expect(summary).toMatchObject({ pages: 6, checked: 2, outcomes: { ok: 1, broken: 1, blocked: 1 } });
});

test("each kind of finding has its list, with where it was found", async () => {
  const finding = {
    url: "https://a.test/b",
    status: 404,
    reason: "answered 404",
    foundOn: "https://a.test/",
  };
  const report = await reportOf([
    page({ ...finding, outcome: "broken", cache: "none" }),
    page({ ...finding, status: 403, outcome: "blocked", cache: "none" }),
    page({ ...finding, status: null, outcome: "unreachable", cache: "none" }),
    page({ ...finding, status: null, outcome: "disallowed", cache: "none", reason: "Disallow: /b" }),
    page({ redirects: ["https://a.test/2"] }),
  ]);
  expect(report).toMatchObject({
    broken: [finding],
    blocked: [{ ...finding, status: 403 }],
    unreachable: [{ ...finding, status: null }],
    disallowed: [{ ...finding, status: null, reason: "Disallow: /b" }],
    redirects: [{ url: "https://a.test/", redirects: ["https://a.test/2"], offDomain: false }],
    warnings: ["one sitemap was cut short"],
  });
});

test("a page counts as slow by its first visit, whatever the warmed cache gives now, the slowest first", async () => {
  const { slow, summary } = await reportOf([
    page({ url: "https://a.test/warm", ttfbMs: 3_000, provedTtfbMs: 30 }),
    page({ url: "https://a.test/late", ttfbMs: 900 }),
    page({ url: "https://a.test/later", ttfbMs: 1_900 }),
    page({ url: "https://a.test/just", ttfbMs: 800 }),
  ]);
  expect(slow).toEqual([
    { url: "https://a.test/warm", ttfbMs: 3_000, provedTtfbMs: 30 },
    { url: "https://a.test/later", ttfbMs: 1_900, provedTtfbMs: null },
    { url: "https://a.test/late", ttfbMs: 900, provedTtfbMs: null },
  ]);
  expect(summary).toMatchObject({ slow: 3, slowAboveMs: 800 });
});

test("uncacheable pages are grouped by what makes them so, the largest group first", async () => {
  const uncacheable = (url: string, reason: string) => page({ url, cache: "uncacheable", reason });
  const { uncacheable: groups } = await reportOf([
    uncacheable("https://a.test/1", "Cache-Control: no-store"),
    uncacheable("https://a.test/2", "Set-Cookie"),
    uncacheable("https://a.test/3", "Set-Cookie"),
  ]);
  expect(groups).toEqual([
    { reason: "Set-Cookie", pages: 2, examples: ["https://a.test/2", "https://a.test/3"] },
    { reason: "Cache-Control: no-store", pages: 1, examples: ["https://a.test/1"] },
  ]);
});

test("each kind of finding has its causes, with all of their pages, the most common first", async () => {
  const broken = (n: number, reason: string) =>
    page({ url: `https://a.test/${n}`, outcome: "broken", cache: "none", reason });
  const { causes, broken: list } = await reportOf([
    ...Array.from({ length: 1_500 }, (_, i) => broken(i, "answered 404")),
    broken(1_500, "answered 500 at attempt 3"),
    broken(1_501, "redirects in a circle, back to https://a.test/1501"),
    broken(1_502, "redirects in a circle, back to https://a.test/1502"),
    page({ outcome: "disallowed", cache: "none", reason: "robots.txt line 3: Disallow: /" }),
  ]);
  expect(causes.broken.map(({ reason, pages }) => [reason, pages])).toEqual([
    ["answered 404", 1_500],
    ["redirects in a circle, back to …", 2],
    ["answered 500 at attempt 3", 1],
  ]);
  expect(causes.broken[2]!.examples).toEqual(["https://a.test/1500"]);
  expect(causes.disallowed).toMatchObject([{ reason: "robots.txt line 3: Disallow: /", pages: 1 }]);
  expect(causes).toMatchObject({ blocked: [], unreachable: [], unproven: [] });
  // The list is full by then, but a cause that comes late is in it all the same.
  expect(list).toHaveLength(1_003);
  expect(list.slice(-3).map(({ url }) => url)).toEqual(
    [1_500, 1_501, 1_502].map((n) => `https://a.test/${n}`),
  );
});

test("answers are counted by their status", async () => {
  const { summary } = await reportOf([
    page(),
    page(),
    page({ outcome: "broken", status: 404 }),
    page({ outcome: "unreachable", status: null }),
  ]);
  expect(summary.statuses).toEqual({ 200: 2, 404: 1 });
});

test("without an earlier job there is nothing to compare with", async () => {
  expect((await reportOf([page({ outcome: "broken" })])).compared).toBeNull();
});

const failed = (path: string, change: Partial<Failed> = {}): Failed => ({
  url: `https://a.test/${path}`,
  ...{ outcome: "broken", status: 404, reason: "answered 404", foundOn: null, ...change },
});

const earlierWith = (pages: Failed[], wereWell: string[] = []): Earlier => ({
  job: "01a20784-ed53-7797-b985-d13e61661cbd",
  finishedAt: new Date("2025-12-31T00:00:00Z"),
  failed: new Map(pages.map((one) => [one.url, one])),
  wereWell: new Set(wereWell),
});

test("a report tells what is new, first seen, fixed and still there since the earlier job", async () => {
  const now = (path: string, change: Partial<Page>) => page({ url: `https://a.test/${path}`, ...change });
  const before = ["fixed", "still", "gone", "forbidden"].map((path) => failed(path));
  const earlier = earlierWith(before, ["https://a.test/new"]);
  const { compared } = await reportOf(
    [
      now("new", { outcome: "unreachable", status: null, reason: "no answer" }),
      now("unknown", { outcome: "broken", status: 404, reason: "answered 404" }),
      now("still", { outcome: "broken", status: 500, reason: "answered 500 at attempt 3" }),
      now("fixed", { outcome: "ok" }),
      now("forbidden", { outcome: "disallowed" }),
      now("well", { outcome: "ok" }),
      now("open", { outcome: null }),
    ],
    earlier,
  );
  expect(compared).toEqual({
    job: earlier.job,
    finishedAt: earlier.finishedAt,
    counts: { new: 1, firstSeen: 1, fixed: 1, still: 1, unchecked: 2 },
    new: [failed("new", { outcome: "unreachable", status: null, reason: "no answer" })],
    firstSeen: [failed("unknown")],
    fixed: [failed("fixed")],
    still: [failed("still", { status: 500, reason: "answered 500 at attempt 3" })],
  });
});

test("what has changed is counted beyond the end of its list", async () => {
  const pages = Array.from({ length: 1_200 }, (_, i) =>
    page({ url: `https://a.test/${i}`, outcome: "broken" }),
  );
  const { compared } = await reportOf(pages, earlierWith([]));
  expect(compared!.counts).toEqual({ new: 0, firstSeen: 1_200, fixed: 0, still: 0, unchecked: 0 });
  expect(compared!.firstSeen).toHaveLength(1_000);
});

test("first bytes are counted by how soon they came, before and after", async () => {
  const { firstBytes } = await reportOf([
    page({ ttfbMs: 50, provedTtfbMs: 0 }),
    page({ ttfbMs: 51, provedTtfbMs: 50 }),
    page({ ttfbMs: 3_201, provedTtfbMs: 100 }),
    page({ ttfbMs: 10, provedTtfbMs: null }),
    page({ ttfbMs: 10, provedTtfbMs: 10, cache: "already-warm" }),
  ]);
  expect(firstBytes.filter(({ before, after }) => before + after > 0)).toEqual([
    { upToMs: 50, before: 1, after: 2 },
    { upToMs: 100, before: 1, after: 1 },
    { upToMs: null, before: 1, after: 0 },
  ]);
});

test("pages that were not proved warm are listed", async () => {
  const reason = "expected a hit on the second visit, got another miss";
  const { unproven, summary } = await reportOf([
    page({ url: "https://a.test/1", cache: "unproven", reason }),
    page({ cache: "warmed" }),
  ]);
  expect(unproven).toEqual([expect.objectContaining({ url: "https://a.test/1", reason })]);
  expect(summary.cache.unproven).toBe(1);
});

test("warming is worth the difference of the two visits' first bytes", async () => {
  const { warmed } = await reportOf([
    page({ ttfbMs: 500, provedTtfbMs: 20 }),
    page({ ttfbMs: 301, provedTtfbMs: 40 }),
    page({ ttfbMs: 300, provedTtfbMs: null }),
    page({ cache: "already-warm", ttfbMs: 9 }),
  ]);
  expect(warmed).toEqual({ pages: 3, savedMs: 741, coldTtfbMs: 401, warmTtfbMs: 30 });
});

test("a job without pages has a report too", async () => {
  const report = await reportOf([]);
  expect(report.headline).toBe("checked 0 of 0; 0 blocked; 0 not reachable");
  expect(report.warmed).toEqual({ pages: 0, savedMs: 0, coldTtfbMs: null, warmTtfbMs: null });
});

test("lists end, counts do not: a large report stays small", async () => {
  function* pages() {
    for (let i = 0; i < 5_000; i++) {
      const url = `https://a.test/${i}`;
      yield page({ url, outcome: "broken", cache: "none", ttfbMs: 1_000 + i });
      yield page({ url, cache: "uncacheable", reason: `Expires: ${i}` });
    }
  }
  const { broken, slow, uncacheable, summary } = await reportOf(pages());
  expect(summary).toMatchObject({
    pages: 10_000,
    slow: 5_000,
    listLimit: 1_000,
    outcomes: { broken: 5_000 },
  });
  expect(broken).toHaveLength(1_000);
  expect(slow).toHaveLength(1_000);
  expect(slow[0]).toEqual({ url: "https://a.test/4999", ttfbMs: 5_999, provedTtfbMs: null });
  expect(uncacheable).toHaveLength(1_001);
  expect(uncacheable[0]).toMatchObject({ reason: "other reasons", pages: 4_000 });
});

test("a page that leads to another domain stands under redirects, and the home page says where to go", async () => {
  const away = (url: string) =>
    page({ url, status: 301, cache: "none", redirects: ["https://www.a.test/", "https://newbrand.test/"] });
  const report = await reportOf([
    away("https://a.test/"),
    away("https://a.test/x"),
    page({ url: "https://a.test/y", redirects: ["https://www.a.test/y"] }),
  ]);
  expect(report.summary).toMatchObject({ redirected: 3, offDomain: 2 });
  expect(report.redirects.map(({ offDomain }) => offDomain)).toEqual([true, true, false]);
  expect(report.warnings).toEqual([
    "the home page leads to another domain (https://newbrand.test/): submit that",
    "one sitemap was cut short",
  ]);
});
