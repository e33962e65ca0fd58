import { headerOf } from "./answer-headers.ts";
import type { AnswerSeen } from "./page-visit.ts";
import { parseRetryAfter } from "./retry-after.ts";

/** How long to leave a domain alone that says "too many" and not how long. */
const DEFAULT_PAUSE_MS = 5_000;

/** Longest pause that is obeyed as asked: a page must not sleep for the year that some servers name. */
const MAX_PAUSE_MS = 3_600_000;

export interface Throttle {
  readonly delayMs: number;
  readonly reason: string;
}

/**
 * The pause that an answer asks for: 429 (RFC 6585), Shopify's 430, and 503 where it names a time. A 503 without
 * one is a failing server, not a polite one.
 */
export function throttleOf(
  { status, headers }: Pick<AnswerSeen, "status" | "headers">,
  now: number,
): Throttle | null {
  const asked = headerOf(headers, "retry-after");
  const askedMs = parseRetryAfter(asked, now);
  if (status !== 429 && status !== 430 && !(status === 503 && askedMs !== null)) return null;
  if (askedMs === null)
    return { delayMs: DEFAULT_PAUSE_MS, reason: `answered ${status} without a Retry-After` };
  const cut = askedMs > MAX_PAUSE_MS ? ", of which one hour is waited" : "";
  return {
    delayMs: Math.min(askedMs, MAX_PAUSE_MS),
    reason: `answered ${status} with Retry-After: ${asked!.slice(0, 60)}${cut}`,
  };
}
