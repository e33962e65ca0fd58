import { type Job, NO_OUTLOOK } from "@bee/store";
import { expect, test } from "@jest/globals";
import { job } from "../testing/job.ts";
import { type JobFacts, NO_FACTS, toJobView } from "./job-view.ts";

const AT = new Date("2026-01-01T00:00:20Z");
const facts = (more: Partial<JobFacts> = {}): JobFacts => ({
  ...NO_FACTS,
  expansion: null,
  liveWorkers: 3,
  ...more,
});
const later = (ms: number) => new Date(AT.getTime() + ms);

test("has the fields of the contract, and no others but rate, warnings, options and the schedule", () => {
  expect(Object.keys(toJobView(job(), facts()))).toEqual([
    ...["id", "url", "domain", "tier", "status", "region", "class", "routing"],
    ...["createdAt", "startedAt", "finishedAt", "failure"],
    ...["counts", "outcomes", "cache", "rate", "waiting", "etaSeconds", "warnings", "options", "scheduleId"],
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
  expect(toJobView(job({ startedAt: AT }), facts()).rate).toBe(0);
});

test("the estimate knows the domain's pace, the visits a page takes, and a closed domain", () => {
  const options = { ...job().options, verify: "none" } as const;
  const etaOf = (change: Partial<Job> = {}) => toJobView(job({ options, ...change }), facts()).etaSeconds;
  // 10 pages to go, 12 visits for 8 pages so far, 3 a second: the last starts after 5 s, less half a third.
  expect(etaOf()).toBe(4.8);
  expect(etaOf({ closedUntil: later(60_000), closedReason: "retry-after" })).toBe(64.8);
  expect(etaOf({ closedUntil: later(-60_000), closedReason: "retry-after" })).toBe(4.8);
});

test("the estimate knows the domain's other jobs, and when a delayed page is due", () => {
  const others = [
    { id: "other", domainId: 1, tier: "normal", proves: false, open: 6, finished: 0, visits: 0 } as const,
  ];
  const verify = { options: { ...job().options, verify: "none" } } as const;
  expect(toJobView(job(verify), facts({ others })).etaSeconds).toBe(6.8);
  const outlook = { ...NO_OUTLOOK, retries: { pages: 1, until: later(8_000) } };
  expect(toJobView(job(verify), facts({ outlook })).etaSeconds).toBe(8);
});

test.each<[string, Partial<Job>, Partial<JobFacts>]>([
  ["pending", { status: "pending" }, {}],
  ["expanding", { status: "expanding" }, {}],
  ["paused", { status: "paused" }, {}],
  ["running without a worker", {}, { liveWorkers: 0 }],
])("of a job that is %s nobody knows when it ends", (_, change, more) => {
  expect(toJobView(job(change), facts(more)).etaSeconds).toBeNull();
});

test.each(["completed", "failed", "cancelled"] as const)("a %s job waits for nothing", (status) => {
  const { etaSeconds, waiting } = toJobView(job({ status }), facts());
  expect({ etaSeconds, waiting }).toEqual({ etaSeconds: null, waiting: [] });
});

const CRAWL_DELAY: Partial<Job> = {
  crawlDelay: 10,
  rule: { requestsPerSecond: 1 / 10, burst: 1, concurrency: 1 },
};

test.each<[string, Partial<Job>, Partial<JobFacts>, [string, number, Date | null][]]>([
  ["its domain's pace", {}, {}, [["rate-limit", 7, later(4_800)]]],
  ["the site's Crawl-delay", CRAWL_DELAY, {}, [["crawl-delay", 7, later(110_200)]]],
  [
    "a Crawl-delay that holds up its sitemaps, too",
    { ...CRAWL_DELAY, status: "expanding", nextAt: later(20_000) },
    { tasks: ["held-back", "running", "running"] },
    [["crawl-delay", 8, later(20_000)]],
  ],
  [
    "a Crawl-delay that is no slower than the rule",
    { crawlDelay: 0.1 },
    {},
    [["rate-limit", 7, later(4_800)]],
  ],
  ["a worker", {}, { liveWorkers: 0 }, [["no-worker", 7, null]]],
  [
    "a circuit",
    { closedReason: "circuit-open", closedUntil: later(9_000) },
    {},
    [["circuit-open", 7, later(9_000)]],
  ],
  [
    "nothing that is over",
    { closedReason: "circuit-open", closedUntil: later(-1) },
    {},
    [["rate-limit", 7, later(4_800)]],
  ],
  [
    "proofs and further attempts",
    {},
    {
      outlook: {
        ...NO_OUTLOOK,
        proofs: { pages: 2, until: later(900) },
        retries: { pages: 1, until: later(2_000) },
      },
    },
    [
      ["rate-limit", 4, later(4_800)],
      ["retry-after", 1, later(2_000)],
      ["proof-delay", 2, later(900)],
    ],
  ],
  ["a slot", {}, { tasks: ["queued", "queued", "queued"] }, [["tier-share", 10, null]]],
])("says when pages wait for %s", (_name, change, more, expected) => {
  const { waiting } = toJobView(job(change), facts(more));
  expect(waiting.map(({ reason, pages, until }) => [reason, pages, until])).toEqual(expected);
});
