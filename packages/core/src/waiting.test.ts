import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { JOB_STATUSES } from "./job.ts";
import { explainWaiting, type TaskState, WAIT_REASONS, type WaitingFacts } from "./waiting.ts";

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds));
const NONE = { pages: 0, until: null };
const FACTS: WaitingFacts = {
  status: "running",
  expansion: null,
  pending: 7,
  proofs: NONE,
  retries: NONE,
  tasks: [],
  closed: null,
  crawlDelayed: false,
  paceUntil: at(30),
  liveWorkers: 3,
};

test.each<[string, Partial<WaitingFacts>, [string, number, Date | null][]]>([
  ["pages in the frontier wait for the pace", {}, [["rate-limit", 7, at(30)]]],
  ["which may be the site's Crawl-delay", { crawlDelayed: true }, [["crawl-delay", 7, at(30)]]],
  [
    "a page held back to its moment waits for the pace, too",
    { tasks: ["held-back"] },
    [["rate-limit", 8, at(30)]],
  ],
  ["a visit under way does not wait", { tasks: ["running", "running"] }, [["rate-limit", 7, at(30)]]],
  [
    "a page in a queue waits for a slot of its tier",
    { tasks: ["queued", "running"] },
    [
      ["rate-limit", 7, at(30)],
      ["tier-share", 1, null],
    ],
  ],
  [
    "and those behind it do, when nothing of the job is under way",
    { tasks: ["queued", "queued"] },
    [["tier-share", 9, null]],
  ],
  [
    "a page whose worker died waits for a worker",
    { tasks: ["abandoned", "missing", "running"] },
    [
      ["rate-limit", 7, at(30)],
      ["no-worker", 2, null],
    ],
  ],
  [
    "without a worker all wait for one",
    { liveWorkers: 0, tasks: ["queued", "held-back"], closed: { reason: "circuit-open", until: at(9) } },
    [["no-worker", 9, null]],
  ],
  [
    "a paused job's pages wait for its resumption",
    { status: "paused", tasks: ["queued"] },
    [["paused", 8, null]],
  ],
  [
    "a closed domain holds its pages until it opens",
    { closed: { reason: "retry-after", until: at(9) }, proofs: { pages: 2, until: at(1) } },
    [["retry-after", 7, at(9)]],
  ],
  [
    "proofs wait for their pause, failed pages for theirs",
    { proofs: { pages: 2, until: at(1) }, retries: { pages: 1, until: at(8) } },
    [
      ["rate-limit", 4, at(30)],
      ["retry-after", 1, at(8)],
      ["proof-delay", 2, at(1)],
    ],
  ],
  [
    "a count that is ahead of the others changes no sum",
    { pending: 2, proofs: { pages: 3, until: at(1) }, retries: { pages: 1, until: at(8) } },
    [["proof-delay", 2, at(1)]],
  ],
])("%s", (_, change, expected) => {
  const waiting = explainWaiting({ ...FACTS, ...change });
  expect(waiting.map(({ reason, pages, until }) => [reason, pages, until])).toEqual(expected);
});

describe("a job that knows of no page yet", () => {
  const whole = (change: Partial<WaitingFacts>) => explainWaiting({ ...FACTS, pending: 0, ...change });

  test.each<[string, Partial<WaitingFacts>, string[]]>([
    ["waits for its turn", { status: "pending", expansion: "missing" }, ["tier-share"]],
    ["waits for a slot", { status: "pending", expansion: "queued" }, ["tier-share"]],
    ["waits for a worker", { status: "pending", expansion: "queued", liveWorkers: 0 }, ["no-worker"]],
    ["waits for another worker", { status: "expanding", expansion: "abandoned" }, ["no-worker"]],
    [
      "waits for a worker before it waits for its domain",
      { expansion: "missing", liveWorkers: 0, closed: { reason: "circuit-open", until: at(9) } },
      ["no-worker"],
    ],
    ["waits to be resumed", { status: "paused", expansion: null }, ["paused"]],
    ["waits for nothing while its sitemaps are read", { status: "expanding", expansion: "running" }, []],
  ])("%s", (_, change, reasons) => {
    expect(whole(change)).toEqual(reasons.map((reason) => ({ reason, pages: 0, until: null })));
  });

  test.each<[string, Partial<WaitingFacts>]>([
    ["before it has begun", { status: "pending", expansion: "missing" }],
    ["when its expansion was handed back", { status: "expanding", expansion: "abandoned" }],
    ["when its expansion is taken to be under way", { status: "expanding", expansion: "running" }],
  ])("waits for its domain to open, and knows when and why: %s", (_, change) => {
    const closed = { reason: "retry-after", until: at(9), because: "answered 429" } as const;
    expect(whole({ ...change, closed })).toEqual([{ ...closed, pages: 0 }]);
  });
});

test("pages behind a closed domain are told what closed it, where that is known", () => {
  const closed = { reason: "circuit-open", until: at(9) } as const;
  expect(explainWaiting({ ...FACTS, closed })).toEqual([{ ...closed, pages: 7 }]);
  const because = "answered 500";
  expect(explainWaiting({ ...FACTS, closed: { ...closed, because } })).toEqual([
    { ...closed, because, pages: 7 },
  ]);
});

const anyTask = fc.constantFrom<TaskState>("queued", "held-back", "running", "abandoned", "missing");
const anyMoment = fc.nat(3_600).map(at);
const anyDue = fc.record({ pages: fc.nat(30), until: fc.option(anyMoment) });
const anyFacts: fc.Arbitrary<WaitingFacts> = fc.record({
  status: fc.constantFrom(...JOB_STATUSES.filter((s) => !["completed", "failed", "cancelled"].includes(s))),
  expansion: fc.option(anyTask),
  pending: fc.nat(30),
  proofs: anyDue,
  retries: anyDue,
  tasks: fc.array(anyTask, { maxLength: 12 }),
  closed: fc.option(
    fc.record({ reason: fc.constantFrom("retry-after" as const, "circuit-open" as const), until: anyMoment }),
  ),
  crawlDelayed: fc.boolean(),
  paceUntil: fc.option(anyMoment),
  liveWorkers: fc.nat(3),
});

test("whatever is the case, every page that is not running is counted once", () =>
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const waiting = explainWaiting(facts);
      const pages = waiting.reduce((sum, part) => sum + part.pages, 0);
      expect(pages).toBe(facts.pending + facts.tasks.filter((state) => state !== "running").length);
    }),
  ));

test("whatever is the case, each reason is told once, in one order, and of some page or the whole job", () =>
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const reasons = explainWaiting(facts).map(({ reason }) => reason);
      expect(reasons).toEqual(WAIT_REASONS.filter((reason) => reasons.includes(reason)));
      const least = reasons.length > 1 ? 1 : 0;
      expect(explainWaiting(facts).every(({ pages }) => pages >= least)).toBe(true);
    }),
  ));

test("whatever is the case, the order of the tasks does not matter", () =>
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const turned = { ...facts, tasks: facts.tasks.toReversed() };
      expect(explainWaiting(turned)).toEqual(explainWaiting(facts));
    }),
  ));

test("a job that is neither running nor ended always has an answer", () =>
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const idle = { ...facts, tasks: [], expansion: "queued" as const };
      expect(explainWaiting(idle).length).toBeGreaterThan(0);
    }),
  ));
