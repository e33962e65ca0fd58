import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import { edgeOf } from "./edge.ts";

/**
 * What the cache says of an answer: `hit` came from the cache · `miss` did not, and may be kept now ·
 * `expired` the kept copy was too old and is being renewed · `bypass` this page is not kept · `none` no cache seen.
 */
export type CacheVerdict = "hit" | "miss" | "expired" | "bypass" | "none";

export interface CacheReading {
  readonly verdict: CacheVerdict;
  /** The cache location that answered, where a header names it. */
  readonly edge: string | null;
  /** Whose way of saying it this is. */
  readonly dialect: string | null;
  /** The header and the value that decided, for reports: `cf-cache-status: DYNAMIC`. */
  readonly said: string | null;
}

/** What the words mean that caches write into their headers. A stale copy counts as expired: a visit renews it. */
const WORDS: Readonly<Record<string, CacheVerdict>> = {
  HIT: "hit",
  REVALIDATED: "hit",
  REFRESHHIT: "hit",
  PRERENDER: "hit",
  TCP_HIT: "hit",
  TCP_MEM_HIT: "hit",
  TCP_IMS_HIT: "hit",
  TCP_REMOTE_HIT: "hit",
  TCP_REFRESH_HIT: "hit",
  TCP_EXPIRED_HIT: "hit",
  TCP_NEGATIVE_HIT: "hit",
  MISS: "miss",
  TCP_MISS: "miss",
  TCP_CLIENT_REFRESH_MISS: "miss",
  EXPIRED: "expired",
  STALE: "expired",
  UPDATING: "expired",
  TCP_EXPIRED_MISS: "expired",
  TCP_REFRESH_MISS: "expired",
  TCP_REFRESH_FAIL_HIT: "expired",
  BYPASS: "bypass",
  DYNAMIC: "bypass",
  PASS: "bypass",
  CONFIG_NOCACHE: "bypass",
  PRIVATE_NOSTORE: "bypass",
  UNCACHEABLE: "bypass",
  "NO-CACHE": "bypass",
};

interface Dialect {
  readonly name: string;
  readonly header: string;
  readonly read: (value: string) => CacheVerdict;
}

/** One row per way of saying it, the caches nearest to the visitor first. */
const DIALECTS: readonly Dialect[] = [
  { name: "rfc9211", header: "cache-status", read: readCacheStatus },
  { name: "cloudflare", header: "cf-cache-status", read: firstWord },
  { name: "vercel", header: "x-vercel-cache", read: firstWord },
  { name: "bunny", header: "cdn-cache", read: firstWord },
  // Fastly lists shield and edge, the edge last. CloudFront, KeyCDN and Squid write `Hit from …`, Akamai and Azure `TCP_HIT from …`.
  { name: "x-cache", header: "x-cache", read: (value) => firstWord(value.split(",").at(-1)!) },
  { name: "nginx", header: "x-cache-status", read: firstWord },
  { name: "nginx", header: "x-proxy-cache", read: firstWord },
  { name: "litespeed", header: "x-litespeed-cache", read: firstWord },
  // One id is this request; a second one is the request that stored the copy.
  { name: "varnish", header: "x-varnish", read: (ids) => (/^\d+\s+\d+/.test(ids) ? "hit" : "miss") },
  // RFC 9111 section 5.1: an Age tells that a cache was involved; zero, that the answer has only just come in.
  {
    name: "age",
    header: "age",
    read: (age) => (/^\d+$/.test(age) ? (Number(age) > 0 ? "hit" : "miss") : "none"),
  },
];

/**
 * Reads what the caches in front of a page say. Where several speak, the one nearest to the visitor that takes part
 * counts: a CDN that passes everything on does not hide the cache behind it.
 */
export function readCache(headers: AnswerHeaders): CacheReading {
  const edge = edgeOf(headers);
  let bypass: CacheReading | null = null;
  for (const { name, header, read } of DIALECTS) {
    const value = headerOf(headers, header);
    const verdict = value === null ? "none" : read(value);
    if (verdict === "none") continue;
    const reading = { verdict, edge, dialect: name, said: `${header}: ${value!.slice(0, 200)}` };
    if (verdict !== "bypass") return reading;
    bypass ??= reading;
  }
  return bypass ?? { verdict: "none", edge, dialect: null, said: null };
}

function firstWord(value: string): CacheVerdict {
  return WORDS[/^[\w-]+/.exec(value.trim())?.[0].toUpperCase() ?? ""] ?? "none";
}

/** RFC 9211: one member per cache, the one nearest to the visitor last: `Origin; hit, "Edge 7"; fwd=miss; stored`. */
function readCacheStatus(value: string): CacheVerdict {
  // Strings may hold commas and semicolons; what they say is for people.
  const members = value.replace(/"(?:[^"\\]|\\.)*"/g, "name").split(",");
  const parameters = members
    .at(-1)!
    .split(";")
    .slice(1)
    .map((part) => part.trim().toLowerCase());
  if (parameters.some((part) => part === "hit" || part === "hit=?1")) return "hit";
  const forwarded = parameters.find((part) => part.startsWith("fwd="))?.slice(4);
  if (forwarded === undefined) return "none";
  if (forwarded === "bypass" || forwarded === "method") return "bypass";
  return forwarded === "stale" ? "expired" : "miss";
}
