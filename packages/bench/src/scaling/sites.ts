import type { RateRule } from "@bee/core";
import { html, type RequestEntry, type Site, sitemapOf, text } from "@bee/testkit";

/** So long a page takes, so that there are always some under way. */
const ANSWER_MS = 600;
export const RULE: RateRule = { requestsPerSecond: 10, burst: 10, concurrency: 10 };

const ROBOTS = "/robots.txt";
const SITEMAP = "/sitemap.xml";

/** A site of so many pages that no cache keeps: each is visited once. */
export function siteOf(pages: number): Site {
  return {
    pages: {
      [ROBOTS]: text("", 404),
      [SITEMAP]: ({ headers }) =>
        sitemapOf(Array.from({ length: pages - 1 }, (_, n) => `http://${headers.host}/page/${n}`)),
    },
    otherwise: { ...html("page"), delayMs: ANSWER_MS },
  };
}

/** How often each page was asked for. */
export function visitsIn(log: readonly RequestEntry[]): Map<string, number> {
  const visits = new Map<string, number>();
  for (const { host, path } of log.filter((entry) => entry.path !== ROBOTS && entry.path !== SITEMAP)) {
    const page = `${host}${path}`;
    visits.set(page, (visits.get(page) ?? 0) + 1);
  }
  return visits;
}
