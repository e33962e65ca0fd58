import { canonicalUrl, domainOf, type JobOptions, urlFilter } from "@bee/core";
import type { RobotsRules } from "@bee/crawl";
import type { FoundPage, LeftOutLinks } from "@bee/store";

export interface PageSieveOptions {
  readonly domain: string;
  readonly options: Pick<JobOptions, "include" | "exclude">;
  /** The origin whose robots.txt is at hand, such as `https://example.com`. */
  readonly origin: string;
  readonly rules: RobotsRules;
  /** Why a URL is one of endlessly many, or null; without it, all are taken that fit. */
  readonly trap?: (url: URL) => string | null;
}

/** Which of the URLs that a sitemap or a page names become pages of a job, and how many do not. */
export class PageSieve {
  /** URLs that are none, or of another domain. */
  foreign = 0;
  /** URLs that the job's patterns leave out. */
  filtered = 0;
  /** URLs that the trap has caught, by its reason. */
  readonly trapped = new Map<string, LeftOutLinks>();
  readonly #domain: string;
  readonly #wanted: (url: string) => boolean;
  readonly #origin: string;
  readonly #rules: RobotsRules;
  readonly #trap: (url: URL) => string | null;

  constructor({ domain, options, origin, rules, trap = () => null }: PageSieveOptions) {
    this.#domain = domain;
    this.#wanted = urlFilter(options.include, options.exclude);
    this.#origin = origin;
    this.#rules = rules;
    this.#trap = trap;
  }

  /** @param text a URL, perhaps relative to `base`. @returns no page, or one; also a disallowed one, with its rule. */
  take(text: string, base: string, foundOn: string | null): FoundPage[] {
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
    const trap = foundOn === null ? null : this.#trap(url);
    if (trap !== null) {
      const { links = 0, example = url.href } = this.trapped.get(trap) ?? {};
      this.trapped.set(trap, { links: links + 1, example });
      return [];
    }
    return [{ url: url.href, foundOn, disallowedBy: this.#ruleAgainst(url) }];
  }

  /**
   * The rule of the origin at hand. Pages of another host of the domain are judged when they are visited: to fetch
   * that host's robots.txt here would wait at the gate for the very sitemap that is being read.
   */
  #ruleAgainst(url: URL): string | null {
    if (url.origin !== this.#origin) return null;
    const verdict = this.#rules.check(url.pathname + url.search);
    return verdict.allowed ? null : (verdict.reason ?? "robots.txt says no");
  }
}
