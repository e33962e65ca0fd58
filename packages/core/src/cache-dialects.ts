import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import type { CacheVerdict } from "./cache-verdict.ts";
import { readCacheStatus } from "./rfc9211.ts";

/** One way of saying it. */
export interface Dialect {
  readonly name: string;
  readonly header: string;
  readonly read: (value: string) => CacheVerdict;
  /** Whether the header is this dialect's, where several use the same one. */
  readonly when?: (headers: AnswerHeaders, value: string) => boolean;
  /**
   * Keeps by rules that the answer does not show: settings of its owner, or headers that it takes out. What is left of
   * Cache-Control speaks to browsers.
   */
  readonly ownRules?: true;
}

type Words = Readonly<Record<string, CacheVerdict>>;

/** What the words mean that most caches use. A stale copy counts as expired: a visit renews it. */
const WORDS: Words = {
  HIT: "hit",
  REVALIDATED: "hit",
  MISS: "miss",
  EXPIRED: "expired",
  STALE: "expired",
  UPDATING: "expired",
  BYPASS: "bypass",
  DYNAMIC: "bypass",
  PASS: "bypass",
  UNCACHEABLE: "bypass",
  "NO-CACHE": "bypass",
};

/** A Worker or a rule of the zone answered, and that is not eligible for caching. */
const CLOUDFLARE: Words = { NONE: "bypass", UNKNOWN: "bypass" };

/** REVALIDATED has waited for the origin here, because the copy had been invalidated; elsewhere a kept copy was confirmed. */
const VERCEL: Words = { PRERENDER: "hit", REVALIDATED: "expired" };

const GOOGLE: Words = { DISABLED: "bypass" };

/** The edge has it after a hit of the shield, not before. What functions and errors answer is not looked up in the cache. */
const CLOUDFRONT: Words = {
  REFRESHHIT: "hit",
  ORIGINSHIELDHIT: "miss",
  LAMBDAGENERATEDRESPONSE: "bypass",
  FUNCTIONGENERATEDRESPONSE: "bypass",
  REDIRECT: "bypass",
  ERROR: "bypass",
  LIMITEXCEEDED: "bypass",
  CAPACITYEXCEEDED: "bypass",
};

/** Akamai's, Azure's and Edgio's, after Squid's log. A remote hit is one of the shield, which the visitor is behind as well. */
const TCP: Words = {
  TCP_HIT: "hit",
  TCP_MEM_HIT: "hit",
  TCP_IMS_HIT: "hit",
  TCP_REMOTE_HIT: "hit",
  TCP_REFRESH_HIT: "hit",
  TCP_EXPIRED_HIT: "hit",
  TCP_NEGATIVE_HIT: "hit",
  TCP_PARTIAL_HIT: "hit",
  TCP_MISS: "miss",
  TCP_CLIENT_REFRESH_MISS: "miss",
  TCP_EXPIRED_MISS: "expired",
  TCP_REFRESH_MISS: "expired",
  TCP_REFRESH_FAIL_HIT: "expired",
  CONFIG_NOCACHE: "bypass",
  PRIVATE_NOSTORE: "bypass",
};

/** What Akamai's "Return Cache Status" behaviour writes. */
const AKAMAI: Words = {
  REFRESHHIT: "hit",
  HITSTALE: "expired",
  CONSTRUCTED: "bypass",
  REDIRECT: "bypass",
  ERROR: "bypass",
};

/**
 * One row per way of saying it, the caches nearest to the visitor first: a CDN keeps the headers of the caches behind it
 * with its copy, so an old MISS of theirs stands beside its own HIT.
 */
export const DIALECTS: readonly Dialect[] = [
  { name: "cloudflare", header: "cf-cache-status", read: wordOf(CLOUDFLARE), ownRules: true },
  { name: "bunny", header: "cdn-cache", read: wordOf(), ownRules: true },
  { name: "google", header: "cdn_cache_status", read: wordOf(GOOGLE), ownRules: true },
  {
    name: "google",
    header: "age",
    read: (age) => (ageOf(age) > 0 ? "hit" : "none"),
    when: isGoogle,
    ownRules: true,
  },
  { name: "vercel", header: "x-vercel-cache", read: wordOf(VERCEL), ownRules: true },
  {
    name: "cloudfront",
    header: "x-cache",
    read: lastOf(wordOf(CLOUDFRONT)),
    when: isCloudFront,
    ownRules: true,
  },
  // Shield first, edge last. A page that it passes on is a MISS as well; a second visit tells.
  { name: "fastly", header: "x-cache", read: lastOf(wordOf()), when: isFastly, ownRules: true },
  { name: "azure", header: "x-cache", read: wordOf(TCP), when: isAzure, ownRules: true },
  {
    name: "akamai",
    header: "x-cache",
    read: wordOf(TCP),
    when: (_, value) => /^TCP_/i.test(value),
    ownRules: true,
  },
  // The visitor's server first, its parent after it: `Miss from child, Hit from parent`.
  { name: "akamai", header: "akamai-cache-status", read: wordOf(AKAMAI), ownRules: true },
  { name: "akamai", header: "server-timing", read: serverTiming, ownRules: true },
  // The edge last, after the durable cache.
  { name: "netlify", header: "cache-status", read: readCacheStatus, when: isNetlify, ownRules: true },
  {
    name: "wordpress.com",
    header: "x-ac",
    read: (value) => wordOf()(value.split(/\s/).at(-1)!),
    ownRules: true,
  },
  {
    name: "gcore",
    header: "cache",
    read: wordOf(),
    when: (headers) => headers["x-id"] !== undefined,
    ownRules: true,
  },
  { name: "kinsta", header: "x-kinsta-cache", read: wordOf(), ownRules: true },
  { name: "hostinger", header: "x-hcdn-cache-status", read: wordOf(), ownRules: true },
  { name: "cdn77", header: "x-77-cache", read: wordOf(), ownRules: true },
  { name: "quic.cloud", header: "x-qc-cache", read: wordOf(), ownRules: true },
  { name: "rfc9211", header: "cache-status", read: readCacheStatus },
  // KeyCDN, Squid (`HIT from host`; its X-Cache-Lookup tells of the store, not of the answer) and many more.
  { name: "x-cache", header: "x-cache", read: lastOf(wordOf(TCP)) },
  // Google's load balancers call it so in their own example.
  { name: "nginx", header: "x-cache-status", read: wordOf(GOOGLE) },
  { name: "nginx", header: "x-proxy-cache", read: wordOf() },
  { name: "nginx", header: "x-fastcgi-cache", read: wordOf() },
  { name: "nginx", header: "x-nginx-cache", read: wordOf() },
  { name: "nginx", header: "x-nginx-cache-status", read: wordOf() },
  { name: "litespeed", header: "x-litespeed-cache", read: wordOf() },
  // One id is this request; a second one is the request that stored the copy.
  { name: "varnish", header: "x-varnish", read: lastOf((ids) => (/^\d+\s+\d+/.test(ids) ? "hit" : "miss")) },
  // Page caches of applications.
  { name: "drupal", header: "x-drupal-cache", read: wordOf() },
  { name: "magento", header: "x-magento-cache-debug", read: wordOf() },
  // RFC 9111 section 5.1: an Age tells that a cache was involved; zero, that the answer has only just come in.
  { name: "age", header: "age", read: readAge },
];

/** Reads a value by its first word, in words of the dialect's own before the common ones. */
function wordOf(own: Words = {}): (value: string) => CacheVerdict {
  const words = new Map(Object.entries({ ...WORDS, ...own }));
  return (value) => words.get(/^[\w-]+/.exec(value.trim())?.[0].toUpperCase() ?? "") ?? "none";
}

/** Of several caches each adds what it did at the end, so the last one is nearest to the visitor. */
function lastOf(read: (value: string) => CacheVerdict): (value: string) => CacheVerdict {
  return (value) => read(value.split(",").at(-1)!.trim());
}

/** Akamai with mPulse: `cdn-cache; desc=HIT, edge; dur=1`. */
function serverTiming(value: string): CacheVerdict {
  const word = /\bcdn-cache\s*;\s*desc="?(\w+)/i.exec(value)?.[1] ?? "";
  return word.toUpperCase() === "REVALIDATE" ? "hit" : wordOf(TCP)(word);
}

function ageOf(age: string): number {
  return /^\d+$/.test(age) ? Number(age) : Number.NaN;
}

function readAge(age: string): CacheVerdict {
  const seconds = ageOf(age);
  if (Number.isNaN(seconds)) return "none";
  return seconds > 0 ? "hit" : "miss";
}

function isGoogle(headers: AnswerHeaders): boolean {
  return /\bgoogle$/i.test(headerOf(headers, "via") ?? "");
}

function isCloudFront(_: AnswerHeaders, value: string): boolean {
  return /\bfrom cloudfront\b/i.test(value);
}

function isFastly(headers: AnswerHeaders): boolean {
  return /^cache-[a-z]/i.test(headerOf(headers, "x-served-by") ?? "");
}

function isAzure(headers: AnswerHeaders, value: string): boolean {
  return (
    headers["x-azure-ref"] !== undefined || /^(CONFIG_NOCACHE|PRIVATE_NOSTORE|TCP_REMOTE_HIT)\b/i.test(value)
  );
}

function isNetlify(headers: AnswerHeaders): boolean {
  return headers["x-nf-request-id"] !== undefined;
}
