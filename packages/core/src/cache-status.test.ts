import { expect, test } from "@jest/globals";
import type { AnswerHeaders } from "./answer-headers.ts";
import { readCache } from "./cache-status.ts";

const FASTLY = { "x-served-by": "cache-iad-kcgs7200123-IAD, cache-fra-eddf8230055-FRA" };
const NETLIFY = { "x-nf-request-id": "01JC0" };
const AZURE = { "x-azure-ref": "20261106T084937Z-r1f5" };

/** What caches really write, one row per dialect and value: its name, the headers, what they mean. */
test.each<[dialect: string, headers: AnswerHeaders, verdict: string]>([
  // RFC 9211 sections 2 and 4.
  ["rfc9211", { "cache-status": "ExampleCache; hit" }, "hit"],
  ["rfc9211", { "cache-status": "ExampleCache; hit; ttl=376" }, "hit"],
  ["rfc9211", { "cache-status": "ExampleCache;hit=?1;ttl=0" }, "hit"],
  ["rfc9211", { "cache-status": "ExampleCache; hit; ttl=-412" }, "expired"],
  ["rfc9211", { "cache-status": "ExampleCache; hit=?0; fwd=miss" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=uri-miss; stored" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=uri-miss; collapsed" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=vary-miss; fwd-status=200" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=partial; stored" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=request; fwd-status=304" }, "miss"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=stale; fwd-status=304" }, "expired"],
  ["rfc9211", { "cache-status": 'ExampleCache; fwd=bypass; detail="private, hit; hit"' }, "bypass"],
  ["rfc9211", { "cache-status": "ExampleCache; fwd=method" }, "bypass"],
  [
    "rfc9211",
    { "cache-status": 'OriginCache; hit; ttl=1100, "CDN Company Here"; fwd=uri-miss; stored' },
    "miss",
  ],
  ["rfc9211", { "cache-status": 'OriginCache; fwd=stale, "CDN; fwd=miss, Inc \\"x\\""; hit' }, "hit"],
  // Several fields of one name are one list.
  ["rfc9211", { "cache-status": ["OriginCache; hit", "Edge; fwd=miss"] }, "miss"],
  // The last one passes on or says nothing: the one before it counts.
  ["rfc9211", { "cache-status": "OriginCache; hit, Edge; fwd=bypass" }, "hit"],
  ["rfc9211", { "cache-status": "OriginCache; fwd=miss; stored, Edge" }, "miss"],
  [
    "netlify",
    { ...NETLIFY, "cache-status": '"Netlify Durable"; fwd=bypass, "Netlify Edge"; fwd=miss' },
    "miss",
  ],
  [
    "netlify",
    { ...NETLIFY, "cache-status": '"Netlify Durable"; hit; ttl=3600, "Netlify Edge"; fwd=miss' },
    "miss",
  ],
  ["netlify", { ...NETLIFY, "cache-status": '"Netlify Edge"; hit' }, "hit"],
  ["netlify", { ...NETLIFY, "cache-status": '"Netlify Edge"; fwd=stale' }, "expired"],
  // As Netlify announced it, and as RFC 9211 would have it: a stale copy, which is renewed behind.
  ["netlify", { ...NETLIFY, "cache-status": '"Netlify Edge"; hit, fwd=stale' }, "expired"],
  [
    "netlify",
    { ...NETLIFY, "cache-status": '"Netlify Durable"; fwd=bypass, "Netlify Edge"; hit; fwd=stale' },
    "expired",
  ],
  // developers.cloudflare.com/cache/concepts/cache-responses
  ["cloudflare", { "cf-cache-status": "HIT" }, "hit"],
  ["cloudflare", { "cf-cache-status": "MISS" }, "miss"],
  ["cloudflare", { "cf-cache-status": "EXPIRED" }, "expired"],
  ["cloudflare", { "cf-cache-status": "STALE" }, "expired"],
  ["cloudflare", { "cf-cache-status": "UPDATING" }, "expired"],
  ["cloudflare", { "cf-cache-status": "REVALIDATED" }, "hit"],
  ["cloudflare", { "cf-cache-status": "BYPASS" }, "bypass"],
  ["cloudflare", { "cf-cache-status": "DYNAMIC" }, "bypass"],
  ["cloudflare", { "cf-cache-status": "NONE/UNKNOWN" }, "bypass"],
  // Fastly's documentation of X-Cache: shield first, edge last; a PASS is a MISS, what the edge made up a HIT.
  ["fastly", { ...FASTLY, "x-cache": "MISS, HIT", "x-cache-hits": "0, 1" }, "hit"],
  ["fastly", { ...FASTLY, "x-cache": "HIT, MISS", "x-cache-hits": "3, 0" }, "miss"],
  ["fastly", { ...FASTLY, "x-cache": "MISS", "x-cache-hits": "0" }, "miss"],
  // CloudFront's x-edge-result-type, as it stands in X-Cache.
  ["cloudfront", { "x-cache": "Hit from cloudfront" }, "hit"],
  ["cloudfront", { "x-cache": "RefreshHit from cloudfront" }, "hit"],
  ["cloudfront", { "x-cache": "OriginShieldHit from cloudfront" }, "miss"],
  ["cloudfront", { "x-cache": "Miss from cloudfront" }, "miss"],
  ["cloudfront", { "x-cache": "Error from cloudfront" }, "bypass"],
  ["cloudfront", { "x-cache": "Redirect from cloudfront" }, "bypass"],
  ["cloudfront", { "x-cache": "LambdaGeneratedResponse from cloudfront" }, "bypass"],
  ["cloudfront", { "x-cache": "FunctionGeneratedResponse from cloudfront" }, "bypass"],
  ["cloudfront", { "x-cache": "LimitExceeded from cloudfront" }, "bypass"],
  ["cloudfront", { "x-cache": "CapacityExceeded from cloudfront" }, "bypass"],
  // techdocs.akamai.com/edge-diagnostics/docs/pragma-headers
  ["akamai", { "x-cache": "TCP_HIT from a23-1-2-3.deploy.akamaitechnologies.com" }, "hit"],
  ["akamai", { "x-cache": "TCP_MEM_HIT from a69-174-50-208 (AkamaiGHost/5.7.2-5726413) (-)" }, "hit"],
  ["akamai", { "x-cache": "TCP_IMS_HIT from a1" }, "hit"],
  ["akamai", { "x-cache": "TCP_REFRESH_HIT from a1.deploy.akamaitechnologies.com" }, "hit"],
  ["akamai", { "x-cache": "TCP_NEGATIVE_HIT from a1" }, "hit"],
  ["akamai", { "x-cache": "TCP_MISS from a1", "x-cache-remote": "TCP_HIT from a2" }, "miss"],
  ["akamai", { "x-cache": "TCP_REFRESH_MISS from a1" }, "expired"],
  ["akamai", { "x-cache": "TCP_REFRESH_FAIL_HIT from a1" }, "expired"],
  ["akamai", { "akamai-cache-status": "Hit from child" }, "hit"],
  ["akamai", { "akamai-cache-status": "RefreshHit from child" }, "hit"],
  ["akamai", { "akamai-cache-status": "Miss from child, Hit from parent" }, "miss"],
  ["akamai", { "akamai-cache-status": "HitStale from child" }, "expired"],
  ["akamai", { "akamai-cache-status": "Constructed from child" }, "bypass"],
  ["akamai", { "server-timing": "cdn-cache; desc=HIT, edge; dur=1" }, "hit"],
  ["akamai", { "server-timing": "cdn-cache; desc=REVALIDATE, edge; dur=4, origin; dur=20" }, "hit"],
  ["akamai", { "server-timing": 'ak_p; desc="1", cdn-cache; desc=MISS' }, "miss"],
  // learn.microsoft.com/azure/cdn/cdn-msft-http-debug-headers
  ["azure", { ...AZURE, "x-cache": "TCP_HIT" }, "hit"],
  ["azure", { ...AZURE, "x-cache": "TCP_REMOTE_HIT" }, "hit"],
  ["azure", { ...AZURE, "x-cache": "TCP_MISS" }, "miss"],
  ["azure", { "x-cache": "CONFIG_NOCACHE" }, "bypass"],
  ["azure", { "x-cache": "PRIVATE_NOSTORE" }, "bypass"],
  // Edgio: docs of its cache status codes.
  ["akamai", { "x-cache": "TCP_EXPIRED_HIT" }, "hit"],
  ["akamai", { "x-cache": "TCP_EXPIRED_MISS" }, "expired"],
  ["akamai", { "x-cache": "TCP_PARTIAL_HIT" }, "hit"],
  ["akamai", { "x-cache": "TCP_CLIENT_REFRESH_MISS" }, "miss"],
  // vercel.com/docs/headers/response-headers
  ["vercel", { "x-vercel-cache": "HIT" }, "hit"],
  ["vercel", { "x-vercel-cache": "PRERENDER" }, "hit"],
  ["vercel", { "x-vercel-cache": "MISS" }, "miss"],
  ["vercel", { "x-vercel-cache": "STALE" }, "expired"],
  ["vercel", { "x-vercel-cache": "REVALIDATED" }, "expired"],
  ["vercel", { "x-vercel-cache": "BYPASS" }, "bypass"],
  // cloud.google.com/cdn/docs: the variable cdn_cache_status, and Age on what comes from the cache.
  ["google", { cdn_cache_status: "hit" }, "hit"],
  ["google", { cdn_cache_status: "miss" }, "miss"],
  ["google", { cdn_cache_status: "revalidated" }, "hit"],
  ["google", { cdn_cache_status: "stale" }, "expired"],
  ["google", { cdn_cache_status: "uncacheable" }, "bypass"],
  ["google", { cdn_cache_status: "disabled" }, "bypass"],
  ["google", { age: "17", via: "1.1 varnish, 1.1 google" }, "hit"],
  ["bunny", { "cdn-cache": "HIT" }, "hit"],
  ["bunny", { "cdn-cache": "MISS" }, "miss"],
  ["bunny", { "cdn-cache": "EXPIRED" }, "expired"],
  ["bunny", { "cdn-cache": "STALE" }, "expired"],
  ["bunny", { "cdn-cache": "BYPASS" }, "bypass"],
  ["gcore", { cache: "HIT", "x-id": "m9-up-e245" }, "hit"],
  ["gcore", { cache: "MISS", "x-id": "fr5-hw-edge-gc35" }, "miss"],
  ["wordpress.com", { "x-ac": "3.fra _dca HIT" }, "hit"],
  ["wordpress.com", { "x-ac": "3.fra _dca MISS" }, "miss"],
  ["wordpress.com", { "x-ac": "1.ams _atomic_ams BYPASS" }, "bypass"],
  ["kinsta", { "x-kinsta-cache": "MISS" }, "miss"],
  ["hostinger", { "x-hcdn-cache-status": "DYNAMIC" }, "bypass"],
  ["cdn77", { "x-77-cache": "HIT" }, "hit"],
  ["quic.cloud", { "x-qc-cache": "hit" }, "hit"],
  // Squid, KeyCDN, and whoever says just X-Cache.
  [
    "x-cache",
    { "x-cache": "HIT from proxy.example.com", "x-cache-lookup": "MISS from proxy.example.com:3128" },
    "hit",
  ],
  [
    "x-cache",
    { "x-cache": "MISS from proxy.example.com", "x-cache-lookup": "HIT from proxy.example.com" },
    "miss",
  ],
  ["x-cache", { "x-cache": "MISS from inner.example, HIT from outer.example" }, "hit"],
  ["x-cache", { "x-cache": "EXPIRED", "x-edge-location": "defr" }, "expired"],
  ["x-cache", { "x-cache": "HIT: 7" }, "hit"],
  ["x-cache", { "x-cache": "HIT TCP_MEM_HIT dirn:1:2" }, "hit"],
  ["x-cache", { "x-cache": "pass" }, "bypass"],
  // nginx.org: $upstream_cache_status, under the names that people give it.
  ["nginx", { "x-cache-status": "HIT" }, "hit"],
  ["nginx", { "x-cache-status": "MISS" }, "miss"],
  ["nginx", { "x-cache-status": "EXPIRED" }, "expired"],
  ["nginx", { "x-cache-status": "STALE" }, "expired"],
  ["nginx", { "x-cache-status": "UPDATING" }, "expired"],
  ["nginx", { "x-cache-status": "REVALIDATED" }, "hit"],
  ["nginx", { "x-cache-status": "BYPASS" }, "bypass"],
  ["nginx", { "x-cache-status": "disabled" }, "bypass"],
  ["nginx", { "x-proxy-cache": "BYPASS" }, "bypass"],
  ["nginx", { "x-fastcgi-cache": "HIT" }, "hit"],
  ["nginx", { "x-nginx-cache": "MISS" }, "miss"],
  ["nginx", { "x-nginx-cache-status": "EXPIRED" }, "expired"],
  ["litespeed", { "x-litespeed-cache": "hit" }, "hit"],
  ["litespeed", { "x-litespeed-cache": "hit,private" }, "hit"],
  ["litespeed", { "x-litespeed-cache": "miss" }, "miss"],
  ["varnish", { "x-varnish": "32770 3", age: "0" }, "hit"],
  ["varnish", { "x-varnish": "32770", age: "0" }, "miss"],
  ["varnish", { "x-varnish": "32770 3, 98" }, "miss"],
  ["varnish", { "x-varnish": "32770, 98 12" }, "hit"],
  ["drupal", { "x-drupal-cache": "MISS" }, "miss"],
  ["drupal", { "x-drupal-cache": "UNCACHEABLE (request policy)" }, "bypass"],
  ["magento", { "x-magento-cache-debug": "HIT" }, "hit"],
  ["age", { age: "17" }, "hit"],
  ["age", { age: "0" }, "miss"],
])("%s: %j is a %s", (dialect, headers, verdict) => {
  expect(readCache(headers)).toMatchObject({ verdict, dialect });
});

test.each<[what: string, headers: AnswerHeaders, dialect: string, verdict: string]>([
  [
    "a CDN that passes on does not hide the cache behind it",
    { "cf-cache-status": "DYNAMIC", "x-litespeed-cache": "miss" },
    "litespeed",
    "miss",
  ],
  [
    "of several that pass on, the nearest",
    { "cf-cache-status": "DYNAMIC", "x-proxy-cache": "BYPASS" },
    "cloudflare",
    "bypass",
  ],
  [
    "the CDN where it takes part",
    { "cf-cache-status": "MISS", "x-cache": "HIT", age: "7" },
    "cloudflare",
    "miss",
  ],
  [
    "a CDN's hit, not the miss that it keeps with its copy",
    { "cf-cache-status": "HIT", "cache-status": '"Netlify Edge"; fwd=miss', ...NETLIFY },
    "cloudflare",
    "hit",
  ],
  [
    "CloudFront before the cache at the origin",
    { "x-cache": "Hit from cloudfront", "cache-status": "Origin; fwd=miss; stored", age: "9" },
    "cloudfront",
    "hit",
  ],
  [
    "Google's age before nginx's miss",
    { age: "9", via: "1.1 google", "x-cache-status": "MISS" },
    "google",
    "hit",
  ],
  [
    "an edge that makes up an error page and keeps it",
    { "x-cache": "Error from cloudfront", age: "3" },
    "age",
    "hit",
  ],
])("of several caches counts %s", (_, headers, dialect, verdict) => {
  expect(readCache(headers)).toMatchObject({ verdict, dialect });
});

test.each<[AnswerHeaders]>([
  [{ server: "nginx" }],
  [{ "cache-status": "ExampleCache" }],
  [{ "cache-status": "ExampleCache; hit=?0" }],
  [{ age: "-1" }],
  [{ via: "1.1 google" }],
  [{ "x-cache": "N/A", ...AZURE }],
  [{ cache: "HIT" }],
  [{ "x-cache-lookup": "HIT from proxy.example.com:3128" }],
  [{ "server-timing": "db; dur=53, cache; desc=HIT" }],
  [{ "x-cache": "constructor", "cf-cache-status": "?" }],
])("%j speaks of no cache", (headers) => {
  expect(readCache(headers)).toMatchObject({ verdict: "none", dialect: null, said: null });
});

test.each<[AnswerHeaders, string | null]>([
  [{ "cf-ray": "8f0c7d2b1a9e4c3d-FRA" }, "FRA"],
  [{ "x-amz-cf-pop": "FRA56-P4" }, "FRA56-P4"],
  [{ "x-amz-cf-pop": "FRA50-C1" }, "FRA50-C1"],
  [{ "x-vercel-id": "fra1::iad1::q5xk7-1700000000000-abc" }, "fra1"],
  [{ "x-served-by": "cache-iad-kcgs7200123-IAD, cache-fra-eddf8230055-FRA" }, "FRA"],
  [{ "x-edge-location": "defr" }, "defr"],
  [{ "x-77-pop": "frankfurtDE" }, "frankfurtDE"],
  [{ "x-qc-pop": "EU-DE-FRA-7" }, "EU-DE-FRA-7"],
  [{ "x-ac": "3.fra _dca HIT" }, "fra"],
  [{ "x-cache-id": "FRA-3f29a1c0" }, "FRA"],
  [{ "x-id": "m9-up-e245" }, "m9"],
  [{ server: "BunnyCDN-DE1-1090" }, "DE1"],
  [{ server: "nginx", "x-served-by": "app-7" }, null],
])("%j answered at %s", (headers, edge) => {
  expect(readCache(headers).edge).toBe(edge);
});

test("of which caches the headers do not tell all rules", () => {
  const reading = (headers: AnswerHeaders) => readCache(headers).ownRules;
  expect(reading({ "cf-cache-status": "MISS" })).toBe(true);
  expect(reading({ "x-cache": "MISS", ...FASTLY })).toBe(true);
  expect(reading({ "x-cache": "MISS" })).toBe(false);
  expect(reading({ "x-varnish": "1" })).toBe(false);
  expect(reading({})).toBe(false);
});

test("says which header decided, in bounded length", () => {
  expect(readCache({ "cf-cache-status": "DYNAMIC" }).said).toBe("cf-cache-status: DYNAMIC");
  expect(readCache({ "x-cache": `HIT ${"x".repeat(10_000)}` }).said).toHaveLength(209);
});

test("long headers cost little", () => {
  const start = performance.now();
  for (const part of ['"', '"\\', "a;", ",", "hit "])
    readCache({
      "cache-status": part.repeat(8_000 / part.length),
      "x-cache": part.repeat(8_000 / part.length),
    });
  expect(performance.now() - start).toBeLessThan(200);
});
