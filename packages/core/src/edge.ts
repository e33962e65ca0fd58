import { type AnswerHeaders, headerOf } from "./answer-headers.ts";

/** One row per header that names the place that answered; the pattern's first group is the place. */
const EDGE_HEADERS: readonly (readonly [header: string, pattern: RegExp])[] = [
  // Cloudflare: `8f0c7d2b1a9e4c3d-FRA`.
  ["cf-ray", /-([A-Z]{3})$/],
  // CloudFront: `FRA56-P4`.
  ["x-amz-cf-pop", /^([A-Z]{3}\d+(?:-\w+)?)$/],
  // Vercel: `fra1::iad1::q5xk7-1700000000000-abc`: where the visitor came in stands first.
  ["x-vercel-id", /^([a-z]{3}\d+):/],
  // Fastly, shield first: `cache-iad-kcgs7200123-IAD, cache-fra-eddf8230055-FRA`.
  ["x-served-by", /-([A-Z]{3})$/],
  // KeyCDN: `defr`.
  ["x-edge-location", /^([\w-]{2,20})$/],
  // Gcore: `m9-up-e245`.
  ["x-id", /^([a-z]{1,4}\d{0,2})-(?:up|hw)-/],
  // CDN77: `frankfurtDE`.
  ["x-77-pop", /^([\w-]{2,30})$/],
  // QUIC.cloud: `EU-DE-FRA-7`.
  ["x-qc-pop", /^([A-Z]{2}-[\w-]{2,20})$/],
  // WordPress.com: `3.fra _dca HIT`.
  ["x-ac", /^\d+\.([a-z]{3})\b/],
  // Google Cloud CDN: `FRA-3f29a1c0`, under the name of Google's own example.
  ["x-cache-id", /^([A-Z]{3})-\w+$/],
  // Bunny: `BunnyCDN-DE1-1090`.
  ["server", /^BunnyCDN-([A-Z0-9]+)-/],
];

/** The cache location that answered, where a header names it. */
export function edgeOf(headers: AnswerHeaders): string | null {
  for (const [header, pattern] of EDGE_HEADERS) {
    const place = pattern.exec(headerOf(headers, header) ?? "")?.[1];
    if (place !== undefined) return place;
  }
  return null;
}
