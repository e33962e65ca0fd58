/** What a sitemap lists: pages, or in an index further sitemaps. */
export interface SitemapItem {
  readonly kind: "page" | "sitemap";
  readonly loc: string;
  /** As written, where it is a date. */
  readonly lastmod: string | null;
}

/** Reads one form of sitemap from text that comes in pieces. */
export interface SitemapParser {
  /** @throws SitemapError when what follows cannot be a sitemap. */
  write(text: string): void;
  end(): void;
  /** Items since the last call. */
  take(): SitemapItem[];
  /** What was wrong and could be read all the same, once the end has come. */
  problems(): readonly string[];
}

/** A file that cannot be read any further; what it listed until there counts. */
export class SitemapError extends Error {
  override readonly name = "SitemapError";
}

/** Twice what the protocol allows (2,048): a longer one is no address, and must not be gathered. */
export const MAX_LOC = 4_096;

export const MAX_DATE = 40;

/** A date that Date.parse can read; W3C datetimes, and the dates of RSS. */
export function dateOf(text: string): string | null {
  const date = text.trim();
  return date.length <= MAX_DATE && !Number.isNaN(Date.parse(date)) ? date : null;
}
