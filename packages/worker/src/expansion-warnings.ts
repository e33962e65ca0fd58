import { count } from "@bee/core";

export interface SitemapsSeen {
  /** How many robots.txt names. */
  readonly named: number;
  /** What is wrong with them, one sentence each. */
  readonly problems: number;
  /** Of those that nobody named, whether one is there. */
  readonly isThere: boolean;
}

export interface WhatIsLeft {
  readonly homeDisallowed: boolean;
  readonly followLinks: boolean;
}

/** That no sitemap gave a page, and what the job has instead. What is wrong with each stands in warnings of its own. */
export function noSitemapPages(seen: SitemapsSeen, left: WhatIsLeft): string {
  return `${whyNone(seen)}, ${rest(left)}`;
}

function whyNone({ named, problems, isThere }: SitemapsSeen): string {
  if (problems > 0) return "no page came from a sitemap";
  if (named > 0) return "the sitemaps that robots.txt names list no page";
  return isThere ? "the sitemap lists no page" : "no sitemap was found";
}

function rest({ homeDisallowed, followLinks }: WhatIsLeft): string {
  if (homeDisallowed) return "and robots.txt forbids the home page, so nothing was checked";
  if (followLinks) return "so only the home page and what links lead to were checked";
  return "so only the home page was checked";
}

export interface LeftOut {
  readonly foreign: number;
  readonly filtered: number;
  readonly overCap: number;
  readonly maxPages: number;
}

/** What the sitemaps list and the job does not have. */
export function leftOutWarnings({ foreign, filtered, overCap, maxPages }: LeftOut): string[] {
  const warnings: string[] = [];
  if (foreign > 0) {
    const entries = count(foreign, "sitemap entry is no page", "sitemap entries are no pages");
    warnings.push(`${entries} of this domain and ${foreign === 1 ? "was" : "were"} left out`);
  }
  if (filtered > 0) {
    warnings.push(
      `${count(filtered, "page was", "pages were")} left out by the include and exclude patterns`,
    );
  }
  if (overCap > 0) {
    warnings.push(`the sitemaps list more than maxPages (${maxPages}) pages; the rest was left out`);
  }
  return warnings;
}
