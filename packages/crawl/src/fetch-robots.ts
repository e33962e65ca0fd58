import { type Clock, canonicalUrl, headerOf, parseCacheControl } from "@bee/core";
import { followRedirects, type Trail } from "./follow-redirects.ts";
import type { Get, HttpAnswer } from "./http-answer.ts";
import { readText } from "./read-text.ts";
import { MAX_ROBOTS_BYTES, parseRobotsInSlices, type RobotsRules, wholeLines } from "./robots.ts";

/** What became of an origin's robots.txt, in a form that can be kept anywhere as JSON. */
export interface RobotsRecord {
  /** Scheme, host and port that the rules are for, whoever answered in the end (RFC 9309 section 2.3.1.2). */
  readonly origin: string;
  /** `absent` allows everything (section 2.3.1.3), `unreachable` nothing (section 2.3.1.4). */
  readonly status: "found" | "absent" | "unreachable";
  readonly httpStatus: number | null;
  /** The first 500 KiB; empty unless found. */
  readonly body: string;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: number;
  /** For how long the record may be used: what the answer says, within five minutes and a day. */
  readonly maxAgeSeconds: number;
  /** Why it is absent or unreachable, in one sentence. */
  readonly reason: string | null;
}

/** Section 2.4 allows a day at most. Below five minutes, asking for robots.txt would become a load of its own. */
const MAX_AGE = { least: 300, most: 86_400, unsaid: 3_600 };

/** An unreachable robots.txt stops a whole site, so it is asked for again soon. */
const UNREACHABLE_AGE = 60;

/**
 * Fetches the robots.txt of an origin such as `https://example.com`, every hop through `get`.
 * @throws FetchError of kind `aborted` alone: that we gave up says nothing of the site.
 */
export async function fetchRobots(get: Get, origin: string, now: Clock = Date.now): Promise<RobotsRecord> {
  let body = "";
  const trail = await followRedirects<never>(get, new URL("/robots.txt", origin), {
    accept: "text/plain,*/*;q=0.8",
    maxBytes: MAX_ROBOTS_BYTES,
    dropRest: true,
    reader: ({ status }) =>
      isSuccess(status)
        ? async (chunks) => {
            body = await readText(chunks, MAX_ROBOTS_BYTES);
          }
        : null,
  });
  return { origin: new URL(origin).origin, fetchedAt: now(), ...recordOf(trail, body) };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

type Finding = Pick<RobotsRecord, "status" | "httpStatus" | "body" | "maxAgeSeconds" | "reason">;

function recordOf(trail: Trail<never>, body: string): Finding {
  switch (trail.type) {
    case "failure":
      if (trail.error.kind === "aborted") throw trail.error;
      return unreachable(null, trail.error.message);
    case "answer":
      return recordOfAnswer(trail.answer, body);
    default: {
      // More hops than five, circles and dead ends: "unavailable" (section 2.3.1.2).
      const reason = `robots.txt is a redirect that leads nowhere (${trail.type} at ${trail.to})`;
      return absent(trail.answer, reason);
    }
  }
}

function recordOfAnswer(answer: HttpAnswer, body: string): Finding {
  const { status, headers, truncated } = answer;
  if (isSuccess(status)) {
    const lines = truncated ? wholeLines(body) : body;
    return { status: "found", httpStatus: status, body: lines, maxAgeSeconds: maxAge(headers), reason: null };
  }
  // 429 is no statement about the file but a plea for quiet, so it counts as a server error, as Google has it.
  if (status === 429 || status >= 500) return unreachable(status, `robots.txt answered ${status}`);
  return absent(answer, `robots.txt answered ${status}`);
}

function absent(answer: HttpAnswer | null, reason: string): Finding {
  return {
    status: "absent",
    httpStatus: answer?.status ?? null,
    body: "",
    maxAgeSeconds: maxAge(answer?.headers ?? {}),
    reason,
  };
}

function unreachable(httpStatus: number | null, reason: string): Finding {
  return { status: "unreachable", httpStatus, body: "", maxAgeSeconds: UNREACHABLE_AGE, reason };
}

function maxAge(headers: HttpAnswer["headers"]): number {
  const asked = parseCacheControl(headerOf(headers, "cache-control") ?? "").get("max-age");
  const seconds = asked !== undefined && /^\d+$/.test(asked) ? Number(asked) : MAX_AGE.unsaid;
  return Math.min(MAX_AGE.most, Math.max(MAX_AGE.least, seconds));
}

/** A record and what it means for one crawler. Read once and kept: a page asks it many times. */
export interface RobotsEntry {
  readonly record: RobotsRecord;
  readonly rules: RobotsRules;
  /** URLs of the sitemaps that the file names. */
  readonly sitemaps: readonly string[];
}

export async function readRecord(record: RobotsRecord, productToken: string): Promise<RobotsEntry> {
  if (record.status === "unreachable") return { record, rules: nothingAllowed(record), sitemaps: [] };
  const { rules, sitemaps } = await parseRobotsInSlices(record.body, productToken);
  const urls = sitemaps.map((value) => canonicalUrl(value, record.origin));
  return { record, rules, sitemaps: [...new Set(urls.filter((url) => url !== null))] };
}

function nothingAllowed({ reason }: RobotsRecord): RobotsRules {
  const why = `robots.txt cannot be read, so nothing may be fetched: ${reason ?? "no answer"}`;
  return { crawlDelay: null, check: () => ({ allowed: false, rule: null, reason: why }) };
}
