import { expect, test } from "@jest/globals";
import { leftOutWarnings, noSitemapPages } from "./expansion-warnings.ts";

const HOME = { homeDisallowed: false, followLinks: false };

test.each([
  [
    "nothing there",
    { named: 0, problems: 0, isThere: false },
    HOME,
    "no sitemap was found, so only the home page was checked",
  ],
  [
    "an empty one",
    { named: 0, problems: 0, isThere: true },
    HOME,
    "the sitemap lists no page, so only the home page was checked",
  ],
  [
    "an empty one that is named",
    { named: 1, problems: 0, isThere: true },
    HOME,
    "the sitemaps that robots.txt names list no page, so only the home page was checked",
  ],
  [
    "one that answers 500",
    { named: 0, problems: 1, isThere: true },
    HOME,
    "no page came from a sitemap, so only the home page was checked",
  ],
  [
    "links to follow",
    { named: 0, problems: 0, isThere: false },
    { ...HOME, followLinks: true },
    "no sitemap was found, so only the home page and what links lead to were checked",
  ],
  [
    "a robots.txt that forbids everything",
    { named: 0, problems: 1, isThere: true },
    { ...HOME, homeDisallowed: true },
    "no page came from a sitemap, and robots.txt forbids the home page, so nothing was checked",
  ],
])("of sitemaps without a page it says what happened: %s", (_, seen, left, expected) => {
  expect(noSitemapPages(seen, left)).toBe(expected);
});

test("what was left out is counted", () => {
  expect(leftOutWarnings({ foreign: 0, filtered: 0, overCap: 0, maxPages: 5 })).toEqual([]);
  expect(leftOutWarnings({ foreign: 1, filtered: 1, overCap: 1, maxPages: 5 })).toEqual([
    "1 sitemap entry is no page of this domain and was left out",
    "1 page was left out by the include and exclude patterns",
    "the sitemaps list more than maxPages (5) pages; the rest was left out",
  ]);
  expect(leftOutWarnings({ foreign: 2, filtered: 2, overCap: 0, maxPages: 5 })).toEqual([
    "2 sitemap entries are no pages of this domain and were left out",
    "2 pages were left out by the include and exclude patterns",
  ]);
});
