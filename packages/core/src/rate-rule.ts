/** How fast a domain may be visited, over the whole fleet and counting every request. */
export interface RateRule {
  /** Sustained requests per second; fractions allowed. */
  readonly requestsPerSecond: number;
  /** Requests that may start at once after a pause. */
  readonly burst: number;
  /** Requests that may be in flight at the same moment. */
  readonly concurrency: number;
}

/** Where a domain's rule came from, the most specific first. */
export type RuleSource = "operator" | "owner" | "platform" | "default";

export interface SourcedRule extends RateRule {
  readonly source: RuleSource;
}

/** Rules that the operator wrote down for named domains, and perhaps a `default` of their own (`BEE_RULES`). */
export type RuleBook = Readonly<Record<string, RateRule>>;

/** Rules of hosting platforms; each covers the platform's subdomains (founding plan). */
export const PLATFORM_RULES: RuleBook = Object.freeze({
  "webflow.io": { requestsPerSecond: 2, burst: 5, concurrency: 2 },
  "shopify.com": { requestsPerSecond: 3, burst: 8, concurrency: 3 },
  "wordpress.com": { requestsPerSecond: 5, burst: 10, concurrency: 5 },
});

/** For every other domain (founding plan). */
export const DEFAULT_RULE: RateRule = Object.freeze({ requestsPerSecond: 3, burst: 5, concurrency: 3 });

/** The book's entry for a domain or the nearest parent that has one; label by label, so `notwebflow.io` is no subdomain. */
function nearestEntry(domain: string, book: RuleBook): RateRule | undefined {
  const labels = domain.split(".");
  for (let i = 0; i < labels.length; i++) {
    const name = labels.slice(i).join(".");
    // Own entries only: a host named `constructor` must not find a function where its limits should be.
    if (Object.hasOwn(book, name)) return book[name];
  }
  return undefined;
}

/** The rule of a domain: the owner's book, else its platform's, else the book's `default`, else ours. */
export function ruleFor(domain: string, book: RuleBook): SourcedRule {
  const { default: ownDefault, ...named } = book;
  const owner = nearestEntry(domain, named);
  if (owner !== undefined) return { ...owner, source: "owner" };
  const platform = nearestEntry(domain, PLATFORM_RULES);
  if (platform !== undefined) return { ...platform, source: "platform" };
  return { ...(ownDefault ?? DEFAULT_RULE), source: "default" };
}

/** A rule as slowed by a robots.txt `Crawl-delay` (seconds between requests): one at a time, no burst. */
export function slowedByCrawlDelay(rule: RateRule, delaySeconds: number | null): RateRule {
  if (delaySeconds === null || delaySeconds <= 0) return rule;
  const requestsPerSecond = 1 / delaySeconds;
  if (requestsPerSecond >= rule.requestsPerSecond) return rule;
  return { requestsPerSecond, burst: 1, concurrency: 1 };
}
