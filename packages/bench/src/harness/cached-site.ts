import { html, type Site, sitemapOf, text } from "@bee/testkit";

/** robots.txt and the sitemap. */
export const EXPANSION_REQUESTS = 2;

/** Of a job for such a site: besides those of its expansion every page twice, to warm it and to prove it. */
export function requestsFor(pages: number): number {
  return EXPANSION_REQUESTS + 2 * pages;
}

/** A site of so many pages, the home page among them, behind a cache that misses each page once. */
export function cachedSite(pages: number, answerMs: number): Site {
  const stored = new Set<string>();
  return {
    pages: {
      "/robots.txt": text("", 404),
      "/sitemap.xml": ({ headers }) =>
        sitemapOf(Array.from({ length: pages - 1 }, (_, n) => `http://${headers.host}/${n}`)),
    },
    otherwise: ({ url = "/" }) => {
      const verdict = stored.has(url) ? "HIT" : "MISS";
      stored.add(url);
      const page = html("page");
      const cache = { "cache-control": "public, max-age=600", "x-cache": verdict };
      return { ...page, headers: { ...page.headers, ...cache }, delayMs: answerMs };
    },
  };
}
