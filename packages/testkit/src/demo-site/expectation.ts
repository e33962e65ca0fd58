import { CACHE_RESULTS, type CacheResult, OUTCOMES, type Outcome } from "@bee/core";
import { linksOf } from "./layout.ts";
import { type DemoPage, isReadable } from "./page.ts";
import { DEMO_PAGES, pageAt } from "./pages.ts";

/** What a right report says of one page. */
export interface ExpectedPage {
  readonly url: string;
  readonly outcome: Outcome;
  /** The status of the last answer; null for a page that must not be asked for. */
  readonly status: number | null;
  /** The redirects that led to the last answer, in order. */
  readonly redirects: readonly ExpectedRedirect[];
  /** Null for pages that are not `ok`: there is nothing to be warm. */
  readonly firstRun: CacheResult | null;
  readonly secondRun: CacheResult | null;
}

export interface ExpectedRedirect {
  readonly status: number;
  readonly to: string;
}

/** What a right report of a job over the demo site says, to the page. */
export interface DemoExpectation {
  /** The pages of the job: the URLs of the sitemaps, each once, and the home page. */
  readonly pages: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** Cache results of a run that finds the edge empty, over the pages that are `ok`. */
  readonly firstRun: Readonly<Record<CacheResult, number>>;
  /** Cache results of the next run, while what the first one warmed is fresh (an hour). */
  readonly secondRun: Readonly<Record<CacheResult, number>>;
  readonly broken: readonly { readonly url: string; readonly status: number }[];
  readonly disallowed: readonly string[];
  readonly redirected: readonly string[];
  readonly slow: readonly string[];
  readonly uncacheable: readonly string[];
  /** URLs that only a job that follows links finds besides. */
  readonly onlyLinked: readonly string[];
  readonly each: readonly ExpectedPage[];
}

/** Derives the expectation from the table that the site is served from. */
export function expectationOf(baseUrl: string): DemoExpectation {
  const pages = DEMO_PAGES.filter((page) => page.sitemap !== null || page.path === "/");
  const each = pages.map((page) => expectPage(page, baseUrl));
  const urls = (some: readonly { url: string }[]) => some.map((page) => page.url);
  return {
    pages: each.length,
    outcomes: count(OUTCOMES, (outcome) => each.filter((page) => page.outcome === outcome)),
    firstRun: count(CACHE_RESULTS, (result) => each.filter((page) => page.firstRun === result)),
    secondRun: count(CACHE_RESULTS, (result) => each.filter((page) => page.secondRun === result)),
    broken: each.flatMap(({ url, outcome, status }) =>
      outcome === "broken" ? [{ url, status: status! }] : [],
    ),
    disallowed: urls(each.filter((page) => page.outcome === "disallowed")),
    redirected: urls(each.filter((page) => page.redirects.length > 0)),
    slow: pages.filter((page) => page.kind === "slow").map((page) => urlOf(page, baseUrl)),
    uncacheable: urls(each.filter((page) => page.firstRun === "uncacheable")),
    onlyLinked: onlyLinked(pages).map((page) => urlOf(page, baseUrl)),
    each,
  };
}

function expectPage(page: DemoPage, baseUrl: string): ExpectedPage {
  const url = urlOf(page, baseUrl);
  const unseen = { url, redirects: [], firstRun: null, secondRun: null };
  if (page.disallowed) return { ...unseen, outcome: "disallowed", status: null };
  const hops = redirectsFrom(page);
  const redirects = hops.map(({ status, to }) => ({ status, to: new URL(to, baseUrl).href }));
  const last = pageAt(hops.at(-1)?.to ?? page.path);
  if (last.kind === "gone") return { ...unseen, redirects, outcome: "broken", status: 404 };
  return { url, redirects, outcome: "ok", status: 200, ...cacheResults(last) };
}

/** The moves from a page to the one that answers. */
function redirectsFrom(page: DemoPage): Extract<DemoPage, { kind: "moved" }>[] {
  return page.kind === "moved" ? [page, ...redirectsFrom(pageAt(page.to))] : [];
}

function cacheResults(page: DemoPage): Pick<ExpectedPage, "firstRun" | "secondRun"> {
  if (page.kind === "personal") return { firstRun: "uncacheable", secondRun: "uncacheable" };
  return { firstRun: "warmed", secondRun: "already-warm" };
}

/** The pages that links lead to, from page to page, beyond those that the job has anyway. */
function onlyLinked(known: readonly DemoPage[]): readonly DemoPage[] {
  const reached = new Set(known);
  // A set that grows while it is walked through: pages found on the way are looked at too.
  for (const page of reached) {
    const mayRead = isReadable(page) && !page.disallowed;
    for (const path of mayRead ? linksOf(page) : []) reached.add(pageAt(path));
  }
  return [...reached].slice(known.length);
}

function urlOf(page: DemoPage, baseUrl: string): string {
  return new URL(page.path, baseUrl).href;
}

function count<K extends string>(
  keys: readonly K[],
  find: (key: K) => readonly unknown[],
): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, find(key).length])) as Record<K, number>;
}
