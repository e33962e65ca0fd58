import { canonicalUrl, domainOf } from "@bee/core";
import type { SitemapLimits } from "./sitemap-limits.ts";

export interface QueuedSitemap {
  readonly url: string;
  /** Indexes above it. */
  readonly depth: number;
}

/** Sitemaps that are still to be read, each once, however many indexes name it, and within the limits. */
export class SitemapQueue {
  readonly #limits: SitemapLimits;
  readonly #domain: string | undefined;
  readonly #warn: (sitemap: string, message: string) => void;
  readonly #waiting: QueuedSitemap[] = [];
  /** Whatever was ever queued: a circle of indexes goes round once. */
  readonly #known = new Set<string>();
  /** An index can name 50,000 sitemaps that we leave out; it gets one warning of each sort. */
  readonly #warned = new Set<string>();

  /** @param domain whose sitemaps may be named by an index that is kept elsewhere. */
  constructor(
    limits: SitemapLimits,
    domain: string | undefined,
    warn: (sitemap: string, message: string) => void,
  ) {
    this.#limits = limits;
    this.#domain = domain;
    this.#warn = warn;
  }

  next(): QueuedSitemap | undefined {
    return this.#waiting.shift();
  }

  /** @param listedIn the sitemap that names it, which a relative address is relative to. */
  add(loc: string, depth: number, listedIn: string): void {
    const url = canonicalUrl(loc, listedIn);
    if (url !== null && this.#known.has(url)) return;
    const { depth: deepest, files } = this.#limits;
    if (url === null) {
      this.#refuse(listedIn, "url", `expected the URL of a sitemap, got ${JSON.stringify(loc.slice(0, 80))}`);
    } else if (!this.#mayName(listedIn, url)) {
      this.#refuse(
        listedIn,
        "foreign",
        `expected sitemaps of its own domain, got ${url.slice(0, 200)}: those of others are left out`,
      );
    } else if (depth > deepest) {
      this.#refuse(
        listedIn,
        "depth",
        `expected at most ${deepest} levels of indexes, got one more: left out`,
      );
    } else if (this.#known.size >= files) {
      this.#refuse(listedIn, "files", `expected at most ${files} sitemaps, got more: the rest is left out`);
    } else {
      this.#known.add(url);
      this.#waiting.push({ url, depth });
    }
  }

  /** robots.txt may name sitemaps anywhere, an index may not: it could send the fleet to thousands of strangers. */
  #mayName(index: string, url: string): boolean {
    const [from, to] = [index, url].map((each) => domainOf(new URL(each).hostname));
    return to === from || to === this.#domain;
  }

  #refuse(listedIn: string, sort: string, message: string): void {
    const key = `${sort} ${listedIn}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#warn(listedIn, message);
  }
}
