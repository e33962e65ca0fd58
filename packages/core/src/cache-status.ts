import { type AnswerHeaders, headerOf } from "./answer-headers.ts";
import { DIALECTS } from "./cache-dialects.ts";
import type { CacheVerdict } from "./cache-verdict.ts";
import { edgeOf } from "./edge.ts";

export interface CacheReading {
  readonly verdict: CacheVerdict;
  /** The cache location that answered, where a header names it. */
  readonly edge: string | null;
  /** Whose way of saying it this is. */
  readonly dialect: string | null;
  /** The header and the value that decided, for reports: `cf-cache-status: DYNAMIC`. */
  readonly said: string | null;
  /** Whether this cache keeps by rules that the answer's other headers do not show. */
  readonly ownRules: boolean;
}

/**
 * Reads what the caches in front of a page say. Where several speak, the one nearest to the visitor that takes part
 * counts: a CDN that passes everything on does not hide the cache behind it.
 */
export function readCache(headers: AnswerHeaders): CacheReading {
  const edge = edgeOf(headers);
  let bypass: CacheReading | null = null;
  for (const { name, header, read, when, ownRules = false } of DIALECTS) {
    const value = headerOf(headers, header);
    if (value === null || when?.(headers, value) === false) continue;
    const verdict = read(value);
    if (verdict === "none") continue;
    const reading = { verdict, edge, dialect: name, said: `${header}: ${value.slice(0, 200)}`, ownRules };
    if (verdict !== "bypass") return reading;
    bypass ??= reading;
  }
  return bypass ?? { verdict: "none", edge, dialect: null, said: null, ownRules: false };
}
