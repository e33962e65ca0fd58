import * as z from "zod";

/** How fast a domain may be visited, over the whole fleet and counting every request. */
export interface RateRule {
  /** Sustained requests per second; fractions allowed. */
  readonly requestsPerSecond: number;
  /** Requests that may start at once after a pause. */
  readonly burst: number;
  /** Requests that may be in flight at the same moment. */
  readonly concurrency: number;
}

/** The rule that is in force for a domain, and how new it is: of two the one with the higher revision holds. */
export interface RuleInForce {
  readonly rule: RateRule;
  readonly revision: number;
}

/** Where a domain's rule came from, the most specific first. */
export type RuleSource = "operator" | "owner" | "platform" | "default";

export interface SourcedRule extends RateRule {
  readonly source: RuleSource;
}

/** One request in 28 hours. A timer of more than 24.8 days fires at once, and several may wait at a gate. */
const SLOWEST = 0.00001;

/** A rule as an operator may write it, in `BEE_RULES` and over HTTP. */
export const rateRuleSchema = z.strictObject({
  requestsPerSecond: z.number().min(SLOWEST).max(10_000),
  burst: z.int().min(1).max(10_000),
  concurrency: z.int().min(1).max(1_000),
});

/** Rules that the operator wrote down for named domains, and perhaps a `default` of their own (`BEE_RULES`). */
export type RuleBook = Readonly<Record<string, RateRule>>;

/** Rules of hosting platforms; each covers the platform's subdomains (founding plan). */
export const PLATFORM_RULES = Object.freeze({
  "webflow.io": { requestsPerSecond: 2, burst: 5, concurrency: 2 },
  "shopify.com": { requestsPerSecond: 3, burst: 8, concurrency: 3 },
  "wordpress.com": { requestsPerSecond: 5, burst: 10, concurrency: 5 },
} as const satisfies RuleBook);

export type Platform = keyof typeof PLATFORM_RULES;

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

/**
 * The rule of a domain: the owner's book, else its platform's, else the book's `default`, else ours.
 * @param platform what the domain's answers gave away, for a site under a name of its own.
 */
export function ruleFor(domain: string, book: RuleBook, platform: Platform | null = null): SourcedRule {
  const { default: ownDefault, ...named } = book;
  const owner = nearestEntry(domain, named);
  if (owner !== undefined) return { ...owner, source: "owner" };
  const ofPlatform = nearestEntry(domain, PLATFORM_RULES) ?? (platform && PLATFORM_RULES[platform]);
  if (ofPlatform) return { ...ofPlatform, source: "platform" };
  return { ...(ownDefault ?? DEFAULT_RULE), source: "default" };
}

/** What changes a domain's own rule, in the order in which it does. */
export type PaceReason = "premium" | "crawl-delay" | "refused" | "slow-origin";

export interface PaceFacts {
  /** Whether a job of a premium key is active on the domain. */
  readonly premium: boolean;
  /** Seconds between requests that its robots.txt asks for. */
  readonly crawlDelay: number | null;
}

/** A rule as it is in force, and why it is another one than the domain's own. */
export interface Pace extends RateRule {
  readonly reasons: readonly PaceReason[];
}

/** The rule in force: whatever doubles it comes first, so that what the site asks for has the last word. */
export function paceOf(own: RateRule, { premium, crawlDelay }: PaceFacts): Pace {
  const paid = premium ? doubled(own) : own;
  const slowed = slowedByCrawlDelay(paid, crawlDelay);
  if (slowed !== paid) return { ...slowed, reasons: ["crawl-delay"] };
  return { ...paid, reasons: premium ? ["premium"] : [] };
}

/** The rule of a domain on which a premium job is active (founding plan): burst and places stay, for they are the site's. */
function doubled(rule: RateRule): RateRule {
  return { ...rule, requestsPerSecond: 2 * rule.requestsPerSecond };
}

export function isSameRule(a: RateRule, b: RateRule): boolean {
  return (
    a.requestsPerSecond === b.requestsPerSecond && a.burst === b.burst && a.concurrency === b.concurrency
  );
}

/** A rule as slowed by a robots.txt `Crawl-delay` (seconds between requests): one at a time, no burst. */
export function slowedByCrawlDelay(rule: RateRule, delaySeconds: number | null): RateRule {
  if (delaySeconds === null || delaySeconds <= 0) return rule;
  const requestsPerSecond = Math.min(rule.requestsPerSecond, 1 / delaySeconds);
  // Also where the rule is slower in the mean: within a burst requests are closer together than any delay.
  const slowed = { requestsPerSecond, burst: 1, concurrency: 1 };
  return isSameRule(slowed, rule) ? rule : slowed;
}
