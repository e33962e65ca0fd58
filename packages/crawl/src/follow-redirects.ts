import { type AnswerHeaders, canonicalUrl, headerOf } from "@bee/core";
import { FetchError } from "./fetch-error.ts";
import type { Get, GetOptions, HttpAnswer } from "./http-answer.ts";

/** RFC 9309 section 2.3.1.2 asks for at least five; browsers allow twenty. */
export const MAX_REDIRECTS = 5;

/**
 * Where following led: to an answer that is no redirect, to the reason why a redirect is not followed, to a stop that
 * the caller asked for, or to a request that got no answer.
 */
export type Trail<Stop> = { readonly redirects: readonly string[] } & (
  | { readonly type: "answer"; readonly answer: HttpAnswer }
  | {
      readonly type: "redirect-loop" | "too-many-redirects" | "bad-redirect";
      readonly to: string;
      readonly answer: HttpAnswer;
    }
  | {
      readonly type: "stopped";
      readonly stop: Stop;
      readonly to: string;
      /** The redirect that led here; null where the first URL was stopped. */
      readonly answer: HttpAnswer | null;
    }
  | { readonly type: "failure"; readonly error: FetchError }
);

/**
 * Gets a URL and what it redirects to, one counted request per hop. Before each of them `before` may stop the way.
 * What `get` throws other than {@link FetchError} (a gate that is closed) goes to the caller.
 */
export async function followRedirects<Stop>(
  get: Get,
  start: URL,
  options: GetOptions,
  before: (url: URL, hop: number) => Promise<Stop | null> = async () => null,
): Promise<Trail<Stop>> {
  const redirects: string[] = [];
  const seen = new Set([start.href]);
  let url = start;
  let answer: HttpAnswer | null = null;
  while (true) {
    const stop = await before(url, redirects.length);
    if (stop !== null)
      return { type: "stopped", stop, to: url.href, answer, redirects: redirects.slice(0, -1) };
    try {
      answer = await get(url, options);
    } catch (error) {
      if (error instanceof FetchError) return { type: "failure", error, redirects };
      throw error;
    }
    const location = redirectOf(answer);
    if (location === null) return { type: "answer", answer, redirects };
    const to = canonicalUrl(location, url.href);
    if (to === null) return { type: "bad-redirect", to: location.slice(0, 200), answer, redirects };
    if (seen.has(to)) return { type: "redirect-loop", to, answer, redirects };
    if (redirects.length === MAX_REDIRECTS) return { type: "too-many-redirects", to, answer, redirects };
    seen.add(to);
    redirects.push(to);
    url = new URL(to);
  }
}

/** Statuses whose Location is to be followed (RFC 9110 section 15.4); 300 and 304 are answers. */
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Node reads header bytes as Latin-1; what servers write there is UTF-8. */
function redirectOf({ status, headers }: { status: number; headers: AnswerHeaders }): string | null {
  const location = REDIRECTS.has(status) ? headerOf(headers, "location") : null;
  return location === null ? null : Buffer.from(location, "latin1").toString();
}
