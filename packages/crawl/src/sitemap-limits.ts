/** What reading sitemaps may cost. The first two are the limits of sitemaps.org. */
export interface SitemapLimits {
  /** Entries of one file. */
  readonly entriesPerFile: number;
  /** Unpacked bytes of one file. */
  readonly bytesPerFile: number;
  /** Unpacked bytes of all files together. */
  readonly bytes: number;
  /** Files read. */
  readonly files: number;
  /** Levels of indexes; the protocol knows one. */
  readonly depth: number;
}

export const SITEMAP_LIMITS: SitemapLimits = Object.freeze({
  entriesPerFile: 50_000,
  bytesPerFile: 50 * 1024 * 1024,
  bytes: 500 * 1024 * 1024,
  files: 1_000,
  depth: 3,
});
