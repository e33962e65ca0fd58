import { MAX_LOC, SitemapError, type SitemapItem, type SitemapParser } from "./sitemap-item.ts";

/** Lines that are no URLs after which a text is taken for something else. */
const MAX_STRANGE_LINES = 100;

/** The text form of sitemaps.org: one URL a line. */
export class TextSitemap implements SitemapParser {
  #items: SitemapItem[] = [];
  #rest = "";
  #strange = 0;

  write(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\r|\n/);
    // A line that never ends must not be gathered; its beginning is enough to see that it is no URL.
    this.#rest = lines.pop()!.slice(0, MAX_LOC + 1);
    for (const line of lines) this.#read(line.trim());
  }

  end(): void {
    this.#read(this.#rest.trim());
    this.#rest = "";
  }

  take(): SitemapItem[] {
    return this.#items.splice(0);
  }

  problems(): readonly string[] {
    return this.#strange === 0 ? [] : [`expected one URL a line, got ${this.#strange} other lines`];
  }

  #read(line: string): void {
    if (line === "") return;
    if (/^https?:\/\//i.test(line) && line.length <= MAX_LOC) {
      this.#items.push({ kind: "page", loc: line, lastmod: null });
    } else if (++this.#strange > MAX_STRANGE_LINES) {
      throw new SitemapError(`expected XML or one URL a line, got ${JSON.stringify(line.slice(0, 40))}`);
    }
  }
}
