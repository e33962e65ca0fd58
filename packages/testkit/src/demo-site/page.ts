/** The sitemaps, by the name in their file. */
export type SitemapName = "plants" | "journal";

/**
 * One URL of the demo site. What the origin serves, what the sitemaps list and what a right report says are all
 * derived from these, so that they cannot disagree.
 */
export type DemoPage = Place & (Readable | Moved | Gone);

interface Place {
  /** With its query, if it has one. */
  readonly path: string;
  /** The sitemap that lists it; null for pages that only links or redirects lead to. */
  readonly sitemap: SitemapName | null;
  /** Whether robots.txt keeps crawlers away. */
  readonly disallowed?: true;
}

/** A page to read: an ordinary one, one that the origin is slow to make, or one made anew for each visitor. */
export interface Readable {
  readonly kind: "plain" | "slow" | "personal";
  readonly title: string;
  readonly text: string;
  /** Paths that the page links to, besides header and footer. */
  readonly links: readonly string[];
}

/** A page that has moved to another path of the site. */
export interface Moved {
  readonly kind: "moved";
  readonly status: 301 | 302;
  readonly to: string;
}

/** A page that sitemaps still list although it is no more. */
export interface Gone {
  readonly kind: "gone";
}

export type ReadablePage = Place & Readable;

export function isReadable(page: DemoPage): page is ReadablePage {
  return page.kind !== "moved" && page.kind !== "gone";
}
