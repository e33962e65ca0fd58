import { expect, test } from "@jest/globals";
import { job } from "../testing/job.ts";
import { type JobFacts, NO_FACTS, toJobView } from "./job-view.ts";

const AT = new Date("2026-01-01T00:00:20Z");
const facts = (more: Partial<JobFacts> = {}): JobFacts => ({
  ...NO_FACTS,
  liveWorkers: 3,
  now: AT.getTime(),
  ...more,
});
const later = (ms: number) => new Date(AT.getTime() + ms);

test("has the fields of the contract, and no others but rate, warnings and options", () => {
  expect(Object.keys(toJobView(job(), facts()))).toEqual([
    ...["id", "url", "domain", "tier", "status", "region", "createdAt", "startedAt", "finishedAt", "failure"],
    ...["counts", "outcomes", "cache", "rate", "waiting", "etaSeconds", "warnings", "options"],
  ]);
});

test("names every outcome and every cache result, those without pages with zero", () => {
  const { outcomes, cache } = toJobView(
    job(),
    facts({ tallies: { outcomes: { ok: 7, broken: 1 }, cache: { warmed: 7 } } }),
  );
  expect(outcomes).toEqual({
    ok: 7,
    broken: 1,
    blocked: 0,
    unreachable: 0,
    disallowed: 0,
    skipped: 0,
    cancelled: 0,
  });
  expect(cache).toEqual({ warmed: 7, "already-warm": 0, uncacheable: 0, unproven: 0, none: 0 });
});

test("the rate counts visited pages from the start to now, or to the end", () => {
  expect(toJobView(job(), facts()).rate).toBe(0.8);
  const ended = job({ status: "completed", finishedAt: later(-8_000) });
  expect(toJobView(ended, facts()).rate).toBe(4);
  expect(toJobView(job({ startedAt: null }), facts()).rate).toBe(0);
  // The clocks of this machine and of Postgres may differ.
  expect(toJobView(job({ startedAt: later(5_000) }), facts()).rate).toBe(0);
});

test("the estimate knows the domain's pace, the visits a page takes, and a closed domain", () => {
  // 10 pages to go, 12 visits for 8 pages so far, 3 a second: 5 s.
  expect(toJobView(job(), facts()).etaSeconds).toBe(5);
  const closed = job({ closedUntil: later(60_000), closedReason: "retry-after" });
  expect(toJobView(closed, facts()).etaSeconds).toBe(65);
  expect(
    toJobView(job({ closedUntil: later(-60_000), closedReason: "retry-after" }), facts()).etaSeconds,
  ).toBe(5);
});

test("a job that has not begun has at least its home page before it", () => {
  const counts = { total: 0, pending: 0, released: 0, succeeded: 0, failed: 0, skipped: 0, cancelled: 0 };
  const { etaSeconds, waiting } = toJobView(
    job({ status: "pending", counts, visits: 0, startedAt: null }),
    facts(),
  );
  expect({ etaSeconds, waiting }).toEqual({ etaSeconds: 1, waiting: [] });
});

test.each(["completed", "failed", "cancelled"] as const)("a %s job waits for nothing", (status) => {
  const { etaSeconds, waiting } = toJobView(job({ status }), facts());
  expect({ etaSeconds, waiting }).toEqual({ etaSeconds: null, waiting: [] });
});

test.each([
  ["its domain's pace", {}, {}, [{ reason: "rate-limit", pages: 7, until: null }]],
  [
    "the site's Crawl-delay",
    { crawlDelay: 10, rule: { requestsPerSecond: 1 / 10, burst: 1, concurrency: 1 } },
    {},
    [{ reason: "crawl-delay", pages: 7, until: null }],
  ],
  [
    "a Crawl-delay that is no slower than the rule",
    { crawlDelay: 0.1 },
    {},
    [{ reason: "rate-limit", pages: 7, until: null }],
  ],
  ["a worker", {}, { liveWorkers: 0 }, [{ reason: "no-worker", pages: 7, until: null }]],
  [
    "a circuit",
    { closedReason: "circuit-open", closedUntil: later(9_000) },
    {},
    [{ reason: "circuit-open", pages: 7, until: later(9_000) }],
  ],
  [
    "nothing that is over",
    { closedReason: "circuit-open", closedUntil: later(-1) },
    {},
    [{ reason: "rate-limit", pages: 7, until: null }],
  ],
  [
    "proofs",
    {},
    { delayed: { pages: 2, until: later(900) } },
    [
      { reason: "rate-limit", pages: 5, until: null },
      { reason: "proof-delay", pages: 2, until: later(900) },
    ],
  ],
] as const)("says when pages wait for %s", (_name, change, more, waiting) => {
  expect(toJobView(job(change), facts(more)).waiting).toEqual(waiting);
});
