import type { RateRule } from "@bee/core";
import { html, type Responder, redirect, robotsTxt, type Site, sitemapOf, text } from "@bee/testkit";

/** A domain that the fleet is sent to, and what it must keep to there. */
export interface Target {
  readonly host: string;
  readonly what: string;
  /** The operator's rule. */
  readonly rule: RateRule;
  /** Where robots.txt slows the domain: the rule that holds from then on. */
  readonly slowed?: RateRule;
}

const CRAWL_DELAY_S = 1.5;
const USUAL: RateRule = { requestsPerSecond: 3, burst: 5, concurrency: 3 };

export const TARGETS: readonly Target[] = [
  {
    host: "single.test",
    what: "a burst of one",
    rule: { requestsPerSecond: 5, burst: 1, concurrency: 2 },
  },
  { host: "usual.test", what: "the default rule", rule: USUAL },
  { host: "fast.test", what: "a fast rule", rule: { requestsPerSecond: 20, burst: 5, concurrency: 3 } },
  {
    host: "delay.test",
    what: "a Crawl-delay",
    rule: USUAL,
    slowed: { requestsPerSecond: 1 / CRAWL_DELAY_S, burst: 1, concurrency: 1 },
  },
  { host: "slow.test", what: "slow answers", rule: { requestsPerSecond: 10, burst: 10, concurrency: 4 } },
  {
    host: "moved.test",
    what: "redirects and proofs",
    rule: { requestsPerSecond: 6, burst: 4, concurrency: 2 },
  },
];

export const WARM_UP_HOST = "warm-up.test";
export const WARM_UP_RULE: RateRule = { requestsPerSecond: 200, burst: 200, concurrency: 100 };

/** More than any scenario has the time for. */
export const PAGES = 500;
const ANSWER_MS = 50;
const SLOW_ANSWER_MS = 1_200;

/** The sites behind those domains; `forget` empties their caches, so that their pages are proved once more. */
export function makeSites(): { readonly hosts: Readonly<Record<string, Site>>; forget(): void } {
  const stored = new Set<string>();
  const page: Responder = ({ headers, url }) => {
    const key = `${headers.host}${url}`;
    const verdict = stored.has(key) ? "HIT" : "MISS";
    stored.add(key);
    const answer = html("page");
    const cache = { "cache-control": "public, max-age=3600", "x-cache": verdict };
    return { ...answer, headers: { ...answer.headers, ...cache }, delayMs: ANSWER_MS };
  };
  const slow = { ...html("page"), delayMs: SLOW_ANSWER_MS };
  const moved: Responder = (request, response) =>
    request.url?.startsWith("/old/") ? redirect(request.url.replace("old", "new")) : page(request, response);
  const open = text("", 404);
  return {
    hosts: {
      [WARM_UP_HOST]: site("page", open, () => html("page")),
      "single.test": site("page", open, page),
      "usual.test": site("page", open, page),
      "fast.test": site("page", open, page),
      "delay.test": site("page", robotsTxt("User-agent: *", `Crawl-delay: ${CRAWL_DELAY_S}`), page),
      "slow.test": site("page", open, () => slow),
      "moved.test": site("old", open, moved),
    },
    forget: () => stored.clear(),
  };
}

function site(directory: string, robots: ReturnType<typeof text>, otherwise: Responder): Site {
  return {
    pages: {
      "/robots.txt": robots,
      "/sitemap.xml": ({ headers }) =>
        sitemapOf(Array.from({ length: PAGES }, (_, n) => `http://${headers.host}/${directory}/${n}`)),
    },
    otherwise,
  };
}
