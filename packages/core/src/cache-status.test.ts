import { expect, test } from "@jest/globals";
import type { AnswerHeaders } from "./answer-headers.ts";
import { readCache } from "./cache-status.ts";

/** What caches really write, by dialect: headers, verdict, dialect, edge. */
test.each<[string, AnswerHeaders, string, string | null, string | null]>([
  // RFC 9211 section 2 and 4: the cache nearest to the visitor comes last.
  ["a hit", { "cache-status": "ExampleCache; hit" }, "hit", "rfc9211", null],
  ["a hit with details", { "cache-status": "ExampleCache; hit; ttl=376" }, "hit", "rfc9211", null],
  [
    "a miss that is stored",
    { "cache-status": "ExampleCache; fwd=uri-miss; stored" },
    "miss",
    "rfc9211",
    null,
  ],
  ["a vary miss", { "cache-status": "ExampleCache; fwd=vary-miss; fwd-status=200" }, "miss", "rfc9211", null],
  ["a stale copy", { "cache-status": "ExampleCache; fwd=stale; fwd-status=304" }, "expired", "rfc9211", null],
  [
    "a bypass",
    { "cache-status": 'ExampleCache; fwd=bypass; detail="private, no-store"' },
    "bypass",
    "rfc9211",
    null,
  ],
  [
    "a request that must not use the copy",
    { "cache-status": "ExampleCache; fwd=request; fwd-status=304" },
    "miss",
    "rfc9211",
    null,
  ],
  [
    "a hit at the origin's cache only",
    { "cache-status": 'OriginCache; hit; ttl=1100, "CDN Company Here"; fwd=uri-miss; stored' },
    "miss",
    "rfc9211",
    null,
  ],
  [
    "a hit at the edge only",
    { "cache-status": 'OriginCache; fwd=stale, "CDN; fwd=miss, Inc \\"x\\""; hit' },
    "hit",
    "rfc9211",
    null,
  ],
  ["a cache that says nothing", { "cache-status": "ExampleCache" }, "none", null, null],
  [
    "Netlify",
    { "cache-status": '"Netlify Durable"; fwd=bypass, "Netlify Edge"; fwd=miss', "x-nf-request-id": "01H" },
    "miss",
    "rfc9211",
    null,
  ],
  // Cloudflare.
  ["HIT", { "cf-cache-status": "HIT", "cf-ray": "8f0c7d2b1a9e4c3d-FRA" }, "hit", "cloudflare", "FRA"],
  ["MISS", { "cf-cache-status": "MISS", "cf-ray": "8f0c7d2b1a9e4c3d-FRA" }, "miss", "cloudflare", "FRA"],
  ["EXPIRED", { "cf-cache-status": "EXPIRED" }, "expired", "cloudflare", null],
  ["STALE", { "cf-cache-status": "STALE" }, "expired", "cloudflare", null],
  ["UPDATING", { "cf-cache-status": "UPDATING" }, "expired", "cloudflare", null],
  ["REVALIDATED", { "cf-cache-status": "REVALIDATED" }, "hit", "cloudflare", null],
  ["BYPASS", { "cf-cache-status": "BYPASS" }, "bypass", "cloudflare", null],
  [
    "DYNAMIC",
    { "cf-cache-status": "DYNAMIC", "cf-ray": "8f0c7d2b1a9e4c3d-MUC" },
    "bypass",
    "cloudflare",
    "MUC",
  ],
  ["NONE/UNKNOWN", { "cf-cache-status": "NONE/UNKNOWN" }, "none", null, null],
  // Fastly: shield, edge.
  [
    "Fastly edge hit",
    { "x-cache": "MISS, HIT", "x-served-by": "cache-iad-kcgs7200123-IAD, cache-fra-eddf8230055-FRA" },
    "hit",
    "x-cache",
    "FRA",
  ],
  [
    "Fastly shield hit",
    { "x-cache": "HIT, MISS", "x-served-by": "cache-iad-kcgs7200123-IAD, cache-fra-eddf8230055-FRA" },
    "miss",
    "x-cache",
    "FRA",
  ],
  // CloudFront.
  [
    "CloudFront hit",
    { "x-cache": "Hit from cloudfront", "x-amz-cf-pop": "FRA56-P4" },
    "hit",
    "x-cache",
    "FRA56-P4",
  ],
  [
    "CloudFront miss",
    { "x-cache": "Miss from cloudfront", "x-amz-cf-pop": "FRA50-C1" },
    "miss",
    "x-cache",
    "FRA50-C1",
  ],
  ["CloudFront renewed", { "x-cache": "RefreshHit from cloudfront" }, "hit", "x-cache", null],
  ["CloudFront error", { "x-cache": "Error from cloudfront" }, "none", null, null],
  // Akamai and Azure.
  [
    "Akamai memory",
    { "x-cache": "TCP_MEM_HIT from a69-174-50-208 (AkamaiGHost/5.7.2-5726413) (-)" },
    "hit",
    "x-cache",
    null,
  ],
  [
    "Akamai renewed",
    { "x-cache": "TCP_REFRESH_HIT from a1.deploy.akamaitechnologies.com" },
    "hit",
    "x-cache",
    null,
  ],
  ["Akamai replaced", { "x-cache": "TCP_REFRESH_MISS from a1" }, "expired", "x-cache", null],
  ["Akamai stale", { "x-cache": "TCP_REFRESH_FAIL_HIT from a1" }, "expired", "x-cache", null],
  ["Azure remote", { "x-cache": "TCP_REMOTE_HIT" }, "hit", "x-cache", null],
  ["Azure miss", { "x-cache": "TCP_MISS" }, "miss", "x-cache", null],
  ["Azure bypass", { "x-cache": "CONFIG_NOCACHE" }, "bypass", "x-cache", null],
  // Squid, KeyCDN.
  [
    "Squid",
    { "x-cache": "HIT from proxy.example.com", "x-cache-lookup": "MISS from proxy.example.com:3128" },
    "hit",
    "x-cache",
    null,
  ],
  ["KeyCDN", { "x-cache": "EXPIRED", "x-edge-location": "defr" }, "expired", "x-cache", "defr"],
  // Vercel, Bunny, LiteSpeed, nginx, Varnish.
  [
    "Vercel",
    { "x-vercel-cache": "PRERENDER", "x-vercel-id": "fra1::iad1::q5xk7-1700000000000-abc" },
    "hit",
    "vercel",
    "fra1",
  ],
  ["Vercel stale", { "x-vercel-cache": "STALE", "x-vercel-id": "cdg1::abc" }, "expired", "vercel", "cdg1"],
  ["Bunny", { "cdn-cache": "MISS", server: "BunnyCDN-DE1-1090" }, "miss", "bunny", "DE1"],
  ["LiteSpeed", { "x-litespeed-cache": "hit,private" }, "hit", "litespeed", null],
  ["nginx", { "x-cache-status": "UPDATING" }, "expired", "nginx", null],
  ["nginx proxy", { "x-proxy-cache": "BYPASS" }, "bypass", "nginx", null],
  ["Varnish hit", { "x-varnish": "32770 3", age: "0" }, "hit", "varnish", null],
  ["Varnish miss", { "x-varnish": "32770", age: "0" }, "miss", "varnish", null],
  // Age alone.
  ["an old copy", { age: "17", via: "1.1 google" }, "hit", "age", null],
  ["a new copy", { age: "0" }, "miss", "age", null],
  ["no age", { age: "-1" }, "none", null, null],
  // Several at once.
  [
    "a CDN that passes on does not hide the cache behind it",
    { "cf-cache-status": "DYNAMIC", "x-litespeed-cache": "miss" },
    "miss",
    "litespeed",
    null,
  ],
  [
    "all pass it on",
    { "cf-cache-status": "DYNAMIC", "x-proxy-cache": "BYPASS" },
    "bypass",
    "cloudflare",
    null,
  ],
  [
    "the CDN counts where it takes part",
    { "cf-cache-status": "MISS", "x-cache": "HIT", age: "7" },
    "miss",
    "cloudflare",
    null,
  ],
  ["nothing", { server: "nginx" }, "none", null, null],
  ["nonsense", { "x-cache": "constructor", "cf-cache-status": "?" }, "none", null, null],
])("%s", (_, headers, verdict, dialect, edge) => {
  expect(readCache(headers)).toMatchObject({ verdict, dialect, edge });
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
