import { type AnswerHeaders, headerOf } from "./answer-headers.ts";

/** Directives of a Cache-Control field by lower-case name; a directive without a value has an empty one. */
export type CacheControl = ReadonlyMap<string, string>;

/**
 * Headers that speak to shared caches alone. For a cache that knows one it replaces Cache-Control (RFC
 * 9213); CDNs usually take out the one that is meant for them.
 */
const TARGETED = [
  "cdn-cache-control",
  "cloudflare-cdn-cache-control",
  "netlify-cdn-cache-control",
  "vercel-cdn-cache-control",
  "surrogate-control",
  "x-litespeed-cache-control",
];

/** What one header tells caches. */
export interface ControlHeader {
  readonly header: string;
  readonly directives: CacheControl;
}

/** What the headers tell a shared cache, those that speak to it alone first. */
export function controlHeaders(headers: AnswerHeaders): readonly ControlHeader[] {
  return [...TARGETED, "cache-control"].flatMap((header) => {
    const value = headerOf(headers, header);
    return value === null ? [] : [{ header, directives: parseCacheControl(value) }];
  });
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
