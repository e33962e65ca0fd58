import { canonicalUrl, domainOf, type JobOptions, urlFilter } from "@bee/core";
import type { RobotsRules } from "@bee/crawl";
import type { FoundPage } from "@bee/store";

export interface PageSieveOptions {
  readonly domain: string;
  readonly options: Pick<JobOptions, "include" | "exclude">;
  /** The robots.txt rules of a URL's host. */
  readonly rulesFor: (url: URL) => Promise<RobotsRules>;
}

/** Which of the URLs that a sitemap or a page names become pages of a job, and how many do not. */
export class PageSieve {
  /** URLs that are none, or of another domain. */
  foreign = 0;
  /** URLs that the job's patterns leave out. */
  filtered = 0;
  readonly #domain: string;
  readonly #wanted: (url: string) => boolean;
  readonly #rulesFor: (url: URL) => Promise<RobotsRules>;
  readonly #rules = new Map<string, RobotsRules>();

  constructor({ domain, options, rulesFor }: PageSieveOptions) {
    this.#domain = domain;
    this.#wanted = urlFilter(options.include, options.exclude);
    this.#rulesFor = rulesFor;
  }

  /** @param text a URL, perhaps relative to `base`. @returns no page, or one; also a disallowed one, with its rule. */
  async take(text: string, base: string, foundOn: string | null): Promise<FoundPage[]> {
    const href = canonicalUrl(text, base);
    const url = href === null ? null : new URL(href);
    if (url === null || domainOf(url.hostname) !== this.#domain) {
      this.foreign += 1;
      return [];
    }
    // The job's own URL was asked for by name.
    if (foundOn !== null && !this.#wanted(url.href)) {
      this.filtered += 1;
      return [];
    }
    return [{ url: url.href, foundOn, disallowedBy: await this.#ruleAgainst(url) }];
  }

  async #ruleAgainst(url: URL): Promise<string | null> {
    let rules = this.#rules.get(url.origin);
    if (rules === undefined) {
      rules = await this.#rulesFor(url);
      this.#rules.set(url.origin, rules);
    }
    const verdict = rules.check(url.pathname + url.search);
    return verdict.allowed ? null : (verdict.reason ?? "robots.txt says no");
  }
}
