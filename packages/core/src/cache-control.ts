import { type AnswerHeaders, headerOf } from "./answer-headers.ts";

/** Directives of a Cache-Control field by lower-case name; a directive without a value has an empty one. */
export type CacheControl = ReadonlyMap<string, string>;

/**
 * Headers that speak to shared caches alone. Where one is visible it replaces Cache-Control for them (RFC 9213);
 * CDNs usually strip the one meant for them.
 */
const TARGETED = [
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "netlify-cdn-cache-control",
  "vercel-cdn-cache-control",
  "surrogate-control",
];

/** What the headers tell a shared cache, and in which header; null when nothing does. */
export function sharedCacheControl(
  headers: AnswerHeaders,
): { readonly header: string; readonly directives: CacheControl } | null {
  for (const header of [...TARGETED, "cache-control"]) {
    const value = headerOf(headers, header);
    if (value !== null) return { header, directives: parseCacheControl(value) };
  }
  return null;
}

/** Reads `name`, `name=value` and `name="value"`, separated by commas; the first of a repeated name holds. */
export function parseCacheControl(value: string): CacheControl {
  const directives = new Map<string, string>();
  for (const [, name, quoted, plain] of value.matchAll(/([\w-]+)\s*(?:=\s*(?:"([^"]*)"|([^\s,;]*)))?/g)) {
    const key = name!.toLowerCase();
    if (!directives.has(key)) directives.set(key, quoted ?? plain ?? "");
  }
  return directives;
}

/** Seconds that a shared cache may keep the answer (`s-maxage` before `max-age`); null when neither says so. */
export function sharedMaxAge(directives: CacheControl): number | null {
  for (const name of ["s-maxage", "max-age"]) {
    const text = directives.get(name);
    if (text !== undefined && /^-?\d+$/.test(text)) return Number(text);
  }
  return null;
}
