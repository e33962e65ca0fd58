import type { Page } from "@bee/store";
import { expect, test } from "@jest/globals";
import { NO_FACTS, toJobView } from "../jobs/job-view.ts";
import { job } from "../testing/job.ts";
import { page } from "../testing/page.ts";
import { buildReport } from "./report.ts";

const view = toJobView(job({ warnings: ["one sitemap was cut short"] }), NO_FACTS);

async function reportOf(pages: Iterable<Page>) {
  async function* each() {
    yield* pages;
  }
  return buildReport(view, each());
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
    redirects: [{ url: "https://a.test/", redirects: ["https://a.test/2"] }],
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
