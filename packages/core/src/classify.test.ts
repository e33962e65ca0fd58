import { expect, test } from "@jest/globals";
import type { AnswerHeaders } from "./answer-headers.ts";
import { classifyProof, classifyWarm, type VisitContext, type WarmContext } from "./classify.ts";
import { classifyFailure } from "./classify-failure.ts";
import { FETCH_FAILURES, type FetchFailure, type PageAnswer, type PageVisit } from "./page-visit.ts";
import { refusalIn, type Settlement } from "./settlement.ts";

const NOW = Date.parse("2026-11-06T08:49:37Z");
const FIRST: WarmContext = { verify: "all", attempts: 0, handBacks: 0, now: NOW };

const MISS: AnswerHeaders = { "x-cache": "MISS", "x-amz-cf-pop": "FRA56-P4" };
const HIT: AnswerHeaders = { "x-cache": "HIT", "x-amz-cf-pop": "FRA56-P4" };

function answer(status: number, headers: AnswerHeaders = {}, rest: Partial<PageAnswer> = {}): PageVisit {
  const seen = { status, headers, ttfbMs: 12, bytes: 345, truncated: false, redirects: [] };
  return { type: "answer", ...seen, links: [], bodyStart: null, ...rest };
}

function failed(kind: FetchFailure, message = "expected an answer, got none"): PageVisit {
  return { type: "failure", error: { kind, message }, status: null, redirects: ["https://a.example/hop"] };
}

function warm(visit: PageVisit, context: Partial<WarmContext> = {}): Settlement {
  return classifyWarm(visit, { ...FIRST, ...context });
}

function proof(visit: PageVisit, context: Partial<VisitContext> = {}): Settlement {
  return classifyProof(visit, { ...FIRST, ...context });
}

test.each<[string, Settlement, number | null | undefined]>([
  ["429 with seconds", warm(answer(429, { "retry-after": "30" })), 30_000],
  ["429 without a time", warm(answer(429)), null],
  ["429 for the sixth time", warm(answer(429), { handBacks: 5 }), null],
  ["a proof's 429 for the sixth time", proof(answer(429, { "retry-after": "3" }), { handBacks: 5 }), 3_000],
  ["a challenge that looks like a limit", warm(answer(429, { "x-vercel-mitigated": "challenge" })), null],
  ["a challenge", warm(answer(403, { "cf-mitigated": "challenge" })), undefined],
  ["503 without a time", warm(answer(503)), undefined],
])("%s tells the domain to be left alone", (_, settlement, askedMs) => {
  expect(refusalIn(settlement)?.askedMs).toBe(askedMs);
});

/** What of a settlement its row in a table tells. */
function brief(settlement: Settlement): string {
  if (settlement.type === "done")
    return [settlement.outcome, settlement.cache, settlement.reason ?? "-"].join(" | ");
  if (settlement.type === "prove") return `prove in ${settlement.delayMs}`;
  const closed = settlement.type === "hand-back" ? ` (${settlement.closed})` : "";
  return `${settlement.type} in ${settlement.delayMs}${closed} | ${settlement.reason}`;
}

test.each<[string, PageVisit, string, Partial<WarmContext>?]>([
  // ok, by what the cache says.
  ["a hit", answer(200, HIT), "ok | already-warm | -"],
  ["no cache", answer(200), "ok | none | -"],
  ["not modified", answer(304, HIT), "ok | already-warm | -"],
  ["no content", answer(204), "ok | none | -"],
  ["a miss", answer(200, MISS), "prove in 1000"],
  ["an expired copy", answer(200, { "cf-cache-status": "EXPIRED" }), "prove in 1000"],
  [
    "a miss that is not verified",
    answer(200, MISS),
    "ok | unproven | a cache miss, not visited a second time (verify: none)",
    { verify: "none" },
  ],
  ["a hit that is not verified", answer(200, HIT), "ok | already-warm | -", { verify: "none" }],
  [
    "a miss that no cache may keep",
    answer(200, { ...MISS, "cache-control": "private" }),
    "ok | uncacheable | Cache-Control: private forbids shared caches to keep it",
  ],
  [
    "an expired copy with a cookie",
    answer(200, { "x-cache": "EXPIRED", "set-cookie": ["a=1"] }),
    "ok | uncacheable | Set-Cookie makes it personal, so shared caches do not keep it",
  ],
  [
    "a miss that one of several headers forbids to keep",
    answer(200, { ...MISS, "cdn-cache-control": "no-store", "cache-control": "max-age=60" }),
    "prove in 1000",
  ],
  [
    "a miss of a CDN whose rules may say otherwise",
    answer(200, { "cf-cache-status": "MISS", "cache-control": "private" }),
    "prove in 1000",
  ],
  [
    "the same, when nobody looks a second time",
    answer(200, { "cf-cache-status": "MISS", "cache-control": "private" }),
    "ok | uncacheable | Cache-Control: private forbids shared caches to keep it",
    { verify: "none" },
  ],
  [
    "a bypass with its header",
    answer(200, { "cache-status": "edge; fwd=bypass", "cache-control": "no-store" }),
    "ok | uncacheable | Cache-Control: no-store forbids shared caches to keep it",
  ],
  [
    "a bypass without one",
    answer(200, { "cf-cache-status": "DYNAMIC" }),
    "ok | uncacheable | cf-cache-status: DYNAMIC passes it by",
  ],
  ["a hit in spite of a cookie", answer(200, { ...HIT, "set-cookie": ["a=1"] }), "ok | already-warm | -"],
  [
    "a body longer than we read",
    answer(200, HIT, { truncated: true, bytes: 10_485_761 }),
    "ok | already-warm | the body goes on after 10485761 bytes, where reading stopped",
  ],
  // broken: what the origin says.
  ["not found", answer(404), "broken | none | answered 404"],
  ["not found, from the cache", answer(404, HIT), "broken | none | answered 404"],
  ["unauthorised", answer(401), "broken | none | answered 401"],
  [
    "forbidden to all",
    answer(403, {}, { bodyStart: "<h1>403 Forbidden</h1>" }),
    "broken | none | answered 403",
  ],
  ["a redirect without a target", answer(302), "broken | none | answered 302"],
  ["a server error, first", answer(500), "retry in 2000 | answered 500"],
  ["a server error, second", answer(502), "retry in 8000 | answered 502", { attempts: 1 }],
  ["a server error, third", answer(500), "broken | none | answered 500 at attempt 3", { attempts: 2 }],
  ["a server error, later", answer(500), "broken | none | answered 500 at attempt 8", { attempts: 7 }],
  ["503 without a time", answer(503), "retry in 2000 | answered 503"],
  [
    "not found at the second attempt",
    answer(404),
    "broken | none | answered 404 at attempt 2",
    { attempts: 1 },
  ],
  // Please wait.
  [
    "429 with seconds",
    answer(429, { "retry-after": "30" }),
    "hand-back in 30000 (retry-after) | answered 429 with Retry-After: 30",
  ],
  [
    "429 with a date",
    answer(429, { "retry-after": "Fri, 06 Nov 2026 08:50:00 GMT" }),
    "hand-back in 23000 (retry-after) | answered 429 with Retry-After: Fri, 06 Nov 2026 08:50:00 GMT",
  ],
  ["429 without a time", answer(429), "hand-back in 5000 (retry-after) | answered 429 without a Retry-After"],
  [
    "429 with nonsense",
    answer(429, { "retry-after": "-1" }),
    "hand-back in 5000 (retry-after) | answered 429 without a Retry-After",
  ],
  [
    "429 for a year",
    answer(429, { "retry-after": "31536000" }),
    "hand-back in 86400000 (retry-after) | answered 429 with Retry-After: 31536000, of which 24 hours are waited",
  ],
  [
    "429 for six hours",
    answer(429, { "retry-after": "21600" }),
    "hand-back in 21600000 (retry-after) | answered 429 with Retry-After: 21600",
  ],
  [
    "429 with a date, by the site's own clock",
    answer(429, {
      "retry-after": "Fri, 06 Nov 2026 10:00:07 GMT",
      date: "Fri, 06 Nov 2026 10:00:00 GMT",
    }),
    "hand-back in 7000 (retry-after) | answered 429 with Retry-After: Fri, 06 Nov 2026 10:00:07 GMT",
  ],
  ["430", answer(430), "hand-back in 5000 (retry-after) | answered 430 without a Retry-After"],
  [
    "503 with a time",
    answer(503, { "retry-after": "2" }),
    "hand-back in 2000 (retry-after) | answered 503 with Retry-After: 2",
  ],
  [
    "429 for the fifth time",
    answer(429),
    "hand-back in 5000 (retry-after) | answered 429 without a Retry-After",
    { handBacks: 4 },
  ],
  [
    "429 for the sixth time",
    answer(429),
    "blocked | none | answered 429 without a Retry-After",
    { handBacks: 5 },
  ],
  [
    "429 after failures",
    answer(429),
    "hand-back in 5000 (retry-after) | answered 429 without a Retry-After",
    { attempts: 2 },
  ],
  // Walls.
  [
    "a challenge",
    answer(403, { "cf-mitigated": "challenge" }),
    "blocked | none | Cloudflare turned us away (cf-mitigated: challenge)",
  ],
  [
    "a challenge that looks like a success",
    answer(202, { "x-amzn-waf-action": "challenge" }),
    "blocked | none | AWS WAF turned us away (x-amzn-waf-action: challenge)",
  ],
  [
    "a challenge that looks like a server error",
    answer(503, { server: "cloudflare" }, { bodyStart: "_cf_chl_opt" }),
    'blocked | none | Cloudflare turned us away ("_cf_chl_opt" in the body)',
  ],
  [
    "a challenge that looks like a limit",
    answer(429, { "x-vercel-mitigated": "challenge" }),
    "blocked | none | Vercel turned us away (x-vercel-mitigated: challenge)",
  ],
  [
    "a limit that looks like a wall",
    answer(429, { server: "cloudflare", "retry-after": "30" }, { bodyStart: "cf-error-details" }),
    "hand-back in 30000 (retry-after) | answered 429 with Retry-After: 30",
  ],
])("first visit: %s", (...[, visit, expected, context]) => {
  expect(brief(warm(visit, context))).toBe(expected);
});

test.each<[string, PageVisit, string, Partial<VisitContext>?]>([
  ["a hit proves it", answer(200, HIT), "ok | warmed | -"],
  ["an age proves it", answer(200, { age: "1" }), "ok | warmed | -"],
  ["still a miss", answer(200, MISS), "ok | unproven | still a miss on the second visit (x-cache: MISS)"],
  [
    "no cache any more",
    answer(200),
    "ok | unproven | still a miss on the second visit, which showed no cache any more",
  ],
  [
    "expired again",
    answer(200, { "x-cache": "STALE", "cache-control": "max-age=0, stale-while-revalidate=9" }),
    "ok | unproven | expired again by the second visit (x-cache: STALE)",
  ],
  [
    "a hit that a CDN's rules permit",
    answer(200, { "cf-cache-status": "HIT", "cache-control": "private" }),
    "ok | warmed | -",
  ],
  [
    "still a miss of a CDN, explained",
    answer(200, { "cf-cache-status": "MISS", "set-cookie": ["a=1"] }),
    "ok | uncacheable | Set-Cookie makes it personal, so shared caches do not keep it",
  ],
  [
    "still a miss, with a header that some heed",
    answer(200, { ...MISS, pragma: "no-cache" }),
    "ok | uncacheable | Pragma: no-cache asks caches not to serve it",
  ],
  [
    "still a miss, and now a header says why",
    answer(200, { ...MISS, "cache-control": "no-store" }),
    "ok | uncacheable | Cache-Control: no-store forbids shared caches to keep it",
  ],
  [
    "passed by",
    answer(200, { "cf-cache-status": "BYPASS" }),
    "ok | uncacheable | cf-cache-status: BYPASS passes it by",
  ],
  [
    "still a miss, of a body we did not finish",
    answer(200, MISS, { truncated: true }),
    "ok | unproven | the body goes on after 345 bytes, where reading stopped",
  ],
  ["a server error", answer(500), "ok | unproven | the second visit answered 500"],
  [
    "a wall",
    answer(403, { "cf-mitigated": "challenge" }),
    "ok | unproven | Cloudflare turned the second visit away (cf-mitigated: challenge)",
  ],
  [
    "a wall that looks like a success",
    answer(202, { "x-amzn-waf-action": "challenge" }),
    "ok | unproven | AWS WAF turned the second visit away (x-amzn-waf-action: challenge)",
  ],
  ["a timeout", failed("timeout", "too late"), "ok | unproven | the second visit failed: too late"],
  [
    "a redirect away",
    {
      type: "off-domain",
      to: "https://b.example/",
      status: 302,
      headers: {},
      ttfbMs: 1,
      bytes: 0,
      truncated: false,
      redirects: [],
    },
    "ok | unproven | the second visit failed: redirects to another domain: https://b.example/",
  ],
  [
    "please wait",
    answer(429, { "retry-after": "3" }),
    "hand-back in 3000 (retry-after) | answered 429 with Retry-After: 3",
  ],
  [
    "please wait, for the sixth time",
    answer(429),
    "ok | unproven | the second visit answered 429 without a Retry-After",
    { handBacks: 5 },
  ],
  ["we stopped", failed("aborted", "stopping"), "hand-back in 0 (null) | stopping"],
])("second visit: %s", (...[, visit, expected, context]) => {
  expect(brief(proof(visit, context))).toBe(expected);
});

const HOPS = {
  status: 302,
  headers: {},
  ttfbMs: 3,
  bytes: 0,
  truncated: false,
  redirects: ["https://a.example/1"],
};

test.each<[PageVisit, string]>([
  [
    { type: "off-domain", to: "https://b.example/x", ...HOPS },
    "ok | none | redirects to another domain: https://b.example/x",
  ],
  [
    { type: "redirect-loop", to: "https://a.example/", ...HOPS },
    "broken | none | redirects in a circle, back to https://a.example/",
  ],
  [
    { type: "too-many-redirects", to: "https://a.example/6", ...HOPS },
    "broken | none | redirects more than 1 times, next to https://a.example/6",
  ],
  [
    { type: "bad-redirect", to: "file:///etc/passwd", ...HOPS },
    "broken | none | redirects to what is no web address: file:///etc/passwd",
  ],
  [
    {
      type: "disallowed",
      hop: null,
      reason: "robots.txt line 2: Disallow: /",
      redirects: [],
    },
    "disallowed | none | robots.txt line 2: Disallow: /",
  ],
  [
    {
      type: "disallowed",
      hop: "https://a.example/x",
      reason: "robots.txt line 2: Disallow: /x",
      redirects: [],
    },
    "disallowed | none | redirects to https://a.example/x: robots.txt line 2: Disallow: /x",
  ],
])("without an answer: %j", (visit, expected) => {
  expect(brief(warm(visit))).toBe(expected);
});

test.each<[FetchFailure, readonly string[]]>([
  ["connect", ["retry in 2000", "retry in 8000", "unreachable"]],
  ["tls", ["retry in 2000", "retry in 8000", "unreachable"]],
  ["timeout", ["retry in 2000", "retry in 8000", "unreachable"]],
  ["protocol", ["retry in 2000", "retry in 8000", "unreachable"]],
  ["dns", ["unreachable", "unreachable", "unreachable"]],
  ["address", ["unreachable", "unreachable", "unreachable"]],
  ["too-large", ["unreachable", "unreachable", "unreachable"]],
  ["aborted", ["hand-back in 0", "hand-back in 0", "hand-back in 0"]],
])("a failure of kind %s at the first, second and third attempt", (kind, expected) => {
  const settlements = [0, 1, 2].map((attempts) => brief(warm(failed(kind, "why"), { attempts })));
  expect(settlements.map((settlement) => settlement.split(/ \(| \|/)[0])).toEqual(expected);
  expect(settlements.every((settlement) => settlement.endsWith("why"))).toBe(true);
});

test("every kind of failure has its place in that table", () => {
  for (const kind of FETCH_FAILURES) expect(classifyFailure(kind, "why", 9).type).toMatch(/done|hand-back/);
});

test("what was seen goes with the outcome, the proof, and the way there", () => {
  const seen = { status: 200, ttfbMs: 12, bytes: 345, edge: "FRA56-P4", redirects: [] };
  expect(warm(answer(200, HIT))).toMatchObject({ seen });
  expect(warm(answer(200, MISS))).toEqual({ type: "prove", delayMs: 1_000, seen });
  expect(proof(answer(200, HIT))).toMatchObject({ seen });
  expect(warm(answer(404, {}, { redirects: ["https://a.example/1"] }))).toMatchObject({
    seen: { status: 404, redirects: ["https://a.example/1"] },
  });
  expect(warm({ type: "off-domain", to: "https://b.example/", ...HOPS })).toMatchObject({
    seen: { status: 302, redirects: [...HOPS.redirects, "https://b.example/"] },
  });
});

test("what saw nothing says so, and keeps the hops", () => {
  expect(warm(failed("dns"))).toMatchObject({
    seen: { status: null, ttfbMs: null, redirects: ["https://a.example/hop"] },
  });
  expect(proof(failed("timeout"))).toMatchObject({ seen: { status: null, redirects: [] } });
  expect(proof(answer(500))).toMatchObject({ seen: { status: null } });
});

test("only ok outcomes speak of a cache", () => {
  for (const status of [400, 401, 403, 404, 410, 451, 500]) {
    expect(warm(answer(status, HIT), { attempts: 2 })).toMatchObject({ outcome: "broken", cache: "none" });
  }
});

test("a redirect to another domain is told with where it leads", () => {
  const settlement = warm({ type: "off-domain", to: "https://b.example/x", ...HOPS });
  expect(settlement).toMatchObject({ seen: { redirects: ["https://a.example/1", "https://b.example/x"] } });
});

test("an error behind a redirect names the page that answered it", () => {
  const target = "https://a.example/gone";
  const behind = (status: number) => answer(status, {}, { redirects: ["https://a.example/1", target] });
  expect(brief(warm(behind(404)))).toBe(`broken | none | redirects to ${target}, which answered 404`);
  expect(warm(behind(500))).toMatchObject({
    type: "retry",
    reason: `redirects to ${target}, which answered 500`,
  });
});

test("what a page answered is kept, should it never be tried again", () => {
  expect(warm(answer(500))).toMatchObject({ type: "retry", status: 500 });
  const cutOff = (attempts: number) =>
    warm(
      { type: "failure", error: { kind: "protocol", message: "cut" }, status: 200, redirects: [] },
      { attempts },
    );
  expect(cutOff(0)).toMatchObject({ type: "retry", status: 200 });
  expect(cutOff(2)).toMatchObject({ type: "done", outcome: "unreachable", seen: { status: 200 } });
  expect(warm(failed("connect"))).toMatchObject({ type: "retry", status: null });
});
