import { LINK_LIMITS } from "@bee/core";
import { expect, test } from "@jest/globals";
import { QueryTally } from "./query-tally.ts";

/** How many of so many links are one too many. */
function tooMany(tally: QueryTally, links: number, link: (i: number) => string, job = "job"): number {
  const urls = Array.from({ length: links }, (_, i) => new URL(link(i), "https://example.com"));
  return urls.filter((url) => tally.isOneTooMany(job, url)).length;
}

test("the queries of one path are limited, each counted once, those of other paths and jobs for themselves", () => {
  const tally = new QueryTally();
  const facet = (i: number) => `/list?colour=${i % 20}&size=${Math.floor(i / 20)}`;
  expect(tooMany(tally, LINK_LIMITS.queries, facet)).toBe(0);
  expect(tooMany(tally, LINK_LIMITS.queries, facet)).toBe(0);
  expect(tooMany(tally, LINK_LIMITS.queries + 50, facet)).toBe(50);
  expect(tooMany(tally, 10, (i) => `/other?a=${i}&b`)).toBe(0);
  expect(tooMany(tally, 10, (i) => `/list?a=${i}&b`, "another job")).toBe(0);
});

test("a single parameter names the pages of old sites, and is not limited", () => {
  expect(tooMany(new QueryTally(), 10_000, (i) => `/index.php?id=${i}`)).toBe(0);
});

test("what is remembered does not grow with what a site makes up", () => {
  const tally = new QueryTally();
  expect(tooMany(tally, 30_000, (i) => `/${i}?a&b`)).toBe(0);
  expect(tooMany(tally, 200, (i) => `/list?a=${i}&b`)).toBe(0);
  for (let i = 0; i < 100; i++) expect(tooMany(tally, 1, () => "/list?a=x&b", `job ${i}`)).toBe(0);
  // Both, the path and the job, were dropped and are counted anew.
  expect(tooMany(tally, 200, (i) => `/list?a=new${i}&b`)).toBe(0);
});
