import { expect, test } from "@jest/globals";
import { wireJob, wireReport } from "../../testing/wire-samples.ts";
import { type Paint, plain } from "../paint.ts";
import { reportText } from "./report-text.ts";

const screen = { width: 100, paint: plain };
const group = (reason: string, pages: number) => ({ reason, pages, examples: [] });
const finding = { url: "https://garden.test/a", status: 404, reason: "answered 404", foundOn: null };

test("a site that is well is told of in a few lines", () => {
  expect(reportText(wireReport(), screen)).toBe(
    [
      "checked 10 of 10; 0 blocked; 0 not reachable",
      "https://garden.test/  completed in 12.3 s",
      "",
      "Warmed  10  first byte after 1 ms instead of 90 ms, 890 ms saved in all",
      "",
    ].join("\n"),
  );
});

test("findings stand under their causes, with how many each has and where they were found", () => {
  const { summary } = wireReport();
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, broken: 2 } },
    broken: [
      { ...finding, foundOn: "https://garden.test/sitemap.xml" },
      { ...finding, url: "https://elsewhere.test/b", status: 503, reason: "answered 503 three times" },
    ],
  });
  expect(reportText(report, screen)).toContain(
    [
      "Broken  2  the site answered with an error",
      "  1  answered 404",
      "     /a  found on /sitemap.xml",
      "  1  answered 503 three times",
      "     https://elsewhere.test/b",
      "",
    ].join("\n"),
  );
});

const REASON =
  "expected an answer from shop.garden.test within 30 s, got: connect ECONNREFUSED 127.0.0.1:8080";

test("pages that share a reason stand below it, and its end, which names the cause, is seen", () => {
  const { summary } = wireReport();
  const lost = { ...finding, status: null, reason: REASON };
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, unreachable: 2 } },
    unreachable: [lost, { ...lost, url: "https://garden.test/b" }],
  });
  expect(reportText(report, { ...screen, width: 60 })).toContain(
    [
      "Not reachable  2  could not be checked",
      "  2  expected an answer from shop.garden.test within 30 s,",
      "     got: connect ECONNREFUSED 127.0.0.1:8080",
      "     /a",
      "     /b",
      "",
    ].join("\n"),
  );
});

test("a header that keeps pages out of caches is told in full", () => {
  const { summary } = wireReport();
  const reason = `Cache-Control: ${"private, ".repeat(12)}no-store`;
  const report = wireReport({
    summary: { ...summary, cache: { ...summary.cache, uncacheable: 12 } },
    uncacheable: [{ reason, pages: 12, examples: ["https://garden.test/me"] }],
  });
  expect(reportText(report, { ...screen, width: 60 })).toMatch(/^ {6}.*no-store\n {6}\/me$/m);
});

test("pages that were not proved warm are named", () => {
  const { summary } = wireReport();
  const report = wireReport({
    summary: { ...summary, cache: { ...summary.cache, unproven: 1 } },
    unproven: [{ ...finding, status: 200, reason: "still a miss" }],
  });
  expect(reportText(report, screen)).toContain(
    "Unproven  1  a cache miss that no second visit saw turn into a hit\n  1  still a miss\n     /a\n",
  );
});

test("in a file nothing is cut", () => {
  const { summary } = wireReport();
  const url = `https://garden.test/${"long/".repeat(60)}end`;
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, broken: 1 }, redirected: 1 },
    broken: [{ ...finding, url, reason: REASON }],
    redirects: [{ url, redirects: [url], offDomain: false }],
    warnings: ["careful ".repeat(30)],
  });
  expect(reportText(report, { ...screen, width: Number.POSITIVE_INFINITY })).not.toContain("…");
});

test("a long list is cut, and says where the rest is", () => {
  const { summary } = wireReport();
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, broken: 1_016 } },
    broken: Array.from({ length: 1_000 }, () => finding),
    causes: { ...wireReport().causes, broken: [group("answered 404", 1_016)] },
  });
  const text = reportText(report, screen);
  expect(text).toContain("\n  1,016  answered 404\n         /a\n");
  expect(text.match(/^ +\/a$/gm)).toHaveLength(15);
  expect(text).toContain("\n  and 1,001 others; the JSON and CSV reports list them\n");
});

test("a common cause leaves room for the others", () => {
  const { summary } = wireReport();
  const late = { ...finding, url: "https://garden.test/late", reason: "answered 500 at attempt 3" };
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, broken: 3_001 } },
    broken: [...Array.from({ length: 1_000 }, () => finding), late],
    causes: {
      ...wireReport().causes,
      broken: [group("answered 404", 3_000), group("answered 500 at attempt 3", 1)],
    },
  });
  const text = reportText(report, screen);
  expect(text).toContain("\n      1  answered 500 at attempt 3\n         /late\n");
  expect(text).toContain("\n  and 2,993 others; ");
});

test("pages that robots.txt forbids stand under the line that does", () => {
  const { summary } = wireReport();
  const report = wireReport({
    summary: { ...summary, outcomes: { ...summary.outcomes, disallowed: 1 } },
    disallowed: [{ ...finding, reason: "robots.txt line 3: Disallow: /a" }],
  });
  expect(reportText(report, screen)).toContain("\n  1  robots.txt line 3: Disallow: /a\n     /a\n");
});

test("what has changed since the job before is told first", () => {
  const failed = { ...finding, outcome: "broken" } as const;
  const compared = {
    job: "01a207a2-36d3-76e7-a6e9-21644bcea640",
    finishedAt: "2025-12-31T10:00:12.800Z",
    counts: { new: 1, firstSeen: 1, fixed: 20, still: 4, unchecked: 0 },
    new: [failed],
    firstSeen: [{ ...failed, url: "https://garden.test/b" }],
    fixed: Array.from({ length: 20 }, () => ({ ...failed, url: "https://garden.test/well" })),
    still: [],
  };
  const text = reportText(wireReport({ compared }), screen);
  expect(text).toContain(
    [
      "https://garden.test/  completed in 12.3 s",
      "since the job of 2025-12-31 10:00 UTC: 1 new, 1 first seen, 20 fixed, 4 still there",
      "",
      "New  1  were well in the job before",
      "  /a  answered 404",
      "",
      "First seen  1  fail now, and the job before did not visit them",
      "  /b  answered 404",
      "",
      "Fixed  20  well now; the job before told of them as below",
      "  /well  answered 404",
    ].join("\n"),
  );
  expect(text).toContain("\n  and 5 others; ");
  const counts = { new: 0, firstSeen: 0, fixed: 0, still: 0, unchecked: 2 };
  expect(reportText(wireReport({ compared: { ...compared, counts } }), screen)).toContain(
    "UTC: 0 new, 0 fixed, 0 still there, 2 not checked again\n\nWarmed",
  );
});

test.each([40, 80, 100])("keeps to %i columns, whatever the site is called", (width) => {
  const { summary } = wireReport();
  const url = `https://garden.test/${"long/".repeat(60)}`;
  const { ok, ...others } = summary.outcomes;
  const report = wireReport({
    summary: {
      ...summary,
      ...{ redirected: 1, slow: 1, cache: { ...summary.cache, uncacheable: 1, unproven: 1 } },
      outcomes: {
        ok,
        ...Object.fromEntries(Object.keys(others).map((name) => [name, 1])),
      } as typeof summary.outcomes,
    },
    compared: {
      ...{ job: "01a207a2-36d3-76e7-a6e9-21644bcea640", finishedAt: "2025-12-31T10:00:12.800Z" },
      counts: { new: 1, firstSeen: 1, fixed: 1, still: 1, unchecked: 1 },
      firstSeen: [{ ...finding, url, outcome: "broken", reason: REASON }],
      new: [{ ...finding, url, outcome: "broken", reason: REASON }],
      fixed: [{ ...finding, url, outcome: "broken", reason: REASON }],
      still: [],
    },
    broken: [{ ...finding, url }],
    blocked: [{ ...finding, url, reason: "turned away" }],
    unreachable: [{ ...finding, url, status: null, reason: "ETIMEDOUT" }],
    redirects: [{ url, redirects: [url], offDomain: false }],
    slow: [{ url, ttfbMs: 2_500, provedTtfbMs: null }],
    uncacheable: [{ reason: "because ".repeat(30), pages: 1, examples: [url, url] }],
    unproven: [{ ...finding, url, reason: "because ".repeat(30) }],
    disallowed: [{ ...finding, url }],
    warnings: ["careful ".repeat(30)],
  });
  const widest = Math.max(
    ...reportText(report, { ...screen, width })
      .split("\n")
      .map((line) => line.length),
  );
  expect(widest).toBeLessThanOrEqual(width);
});

test("what a server said is shown without the power to steer the terminal", () => {
  const { summary } = wireReport();
  const report = wireReport({
    headline: "evil\u001b[2J",
    summary: {
      ...summary,
      outcomes: { ...summary.outcomes, blocked: 1 },
      cache: { ...summary.cache, uncacheable: 1 },
    },
    blocked: [{ ...finding, reason: "\u001b]0;owned\u0007" }],
    uncacheable: [{ reason: "cf: \u009b31m", pages: 1, examples: ["https://garden.test/\u001b[1m"] }],
    warnings: ["\u001b[31m"],
  });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not be there
  expect(reportText(report, screen)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});

test("a job that failed says why below its site, and does not count pages that are not there", () => {
  const job = wireJob({
    status: "failed",
    failure: "robots.txt could not be read",
    finishedAt: "2026-01-01T10:00:01Z",
  });
  const { summary: some } = wireReport();
  const summary = { ...some, pages: 0, checked: 0, cache: { ...some.cache, warmed: 0 } };
  expect(reportText(wireReport({ job, summary }), screen)).toBe(
    "https://garden.test/  failed in 500 ms\nrobots.txt could not be read\n",
  );
  expect(reportText(wireReport({ job }), screen)).toMatch(
    /^checked 10 of 10; .*\n.* failed in 500 ms\nrobots\.txt could not be read\n/,
  );
});

test("what was left out stands above what was found", () => {
  const text = reportText(wireReport({ warnings: ["a sitemap was cut short"] }), screen);
  expect(text.indexOf("a sitemap was cut short")).toBeGreaterThan(0);
  expect(text.indexOf("a sitemap was cut short")).toBeLessThan(text.indexOf("Warmed"));
});

test("pages without a cache are counted as the summary counts them: only those that are ok", () => {
  const { summary } = wireReport();
  const outcomes = { ...summary.outcomes, ok: 8, broken: 2 };
  const text = reportText(
    wireReport({ summary: { ...summary, outcomes, cache: { ...summary.cache, none: 5 } } }),
    screen,
  );
  expect(text).toContain("No cache  5  nothing in the answers tells of a cache\n");
});

test("a page that leads to another domain is told with where, and not as one without a cache", () => {
  const { summary } = wireReport();
  const url = "https://garden.test/";
  const redirects = ["https://garden.test/new", "https://newbrand.test/"];
  const counts = { redirected: 1, offDomain: 1, cache: { ...summary.cache, warmed: 0, none: 1 } };
  const text = reportText(
    wireReport({
      summary: { ...summary, ...counts },
      redirects: [{ url, redirects, offDomain: true }],
    }),
    screen,
  );
  expect(text).toContain("Redirects  1\n  /  → /new → leads to another domain: https://newbrand.test/\n");
  expect(text).not.toContain("No cache");
});

test("a gain that is noise is not told", () => {
  const warmed = { pages: 5, savedMs: 2, coldTtfbMs: 6, warmTtfbMs: 6 };
  expect(reportText(wireReport({ warmed }), screen)).toContain("instead of 6 ms\n");
});

test("sections have colours where there are colours", () => {
  const tags: Paint = (style, text) => `<${style}>${text}</>`;
  expect(reportText(wireReport(), { width: 100, paint: tags })).toContain(
    "<green>Warmed</>  <bold>10</>  <dim>first byte",
  );
});
