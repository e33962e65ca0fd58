import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { AT_EASE } from "./backoff.ts";
import { NOTHING_SEEN, type Settlement } from "./settlement.ts";
import { MOST_STRAIN, RELAXED } from "./strain.ts";
import { judged, type Tolerance, UNHURRIED, viewBackoff, wayBack, withinTolerance } from "./tolerance.ts";
import { windowFor } from "./window.ts";

const SEEN = { ...NOTHING_SEEN, status: 200, ttfbMs: 100 };
const OK: Settlement = { type: "done", outcome: "ok", cache: "uncacheable", reason: null, seen: SEEN };
const REFUSED: Settlement = {
  type: "hand-back",
  closed: "retry-after",
  delayMs: 5_000,
  reason: "answered 429",
  refused: { askedMs: null },
};
const RULE = { requestsPerSecond: 10, burst: 5, concurrency: 4 };

const at = (earned: number, level = 0): Tolerance => ({
  ...UNHURRIED,
  backoff: { ...AT_EASE, earned },
  strain: { ...RELAXED, level },
});

test.each([
  ["at ease", at(20), [10, 5, 4]],
  ["just refused", at(0), [2, 1, 1]],
  ["after five good answers", at(5), [4, 2, 1]],
  ["after ten", at(10), [6, 3, 2]],
  ["after fifteen", at(15), [8, 4, 3]],
  ["at the first level of strain", at(20, 1), [10, 2, 2]],
  ["at the second", at(20, 2), [10, 1, 1]],
  ["at the third", at(20, 3), [5, 1, 1]],
  ["at the last", at(20, 4), [2.5, 1, 1]],
  ["refused and strained", at(10, 1), [6, 2, 2]],
])("%s a domain of 10/5/4 gets %j", (_, tolerance, [rate, burst, concurrency]) => {
  const rule = withinTolerance(RULE, tolerance!);
  expect(rule.requestsPerSecond).toBeCloseTo(rate!);
  expect(rule).toMatchObject({ burst, concurrency });
});

test("a domain of one request in ten minutes is not slowed down further, nor one of one in ten seconds beyond half a minute", () => {
  const slow = { requestsPerSecond: 1 / 600, burst: 1, concurrency: 1 };
  expect(withinTolerance(slow, at(0))).toEqual(slow);
  expect(withinTolerance({ ...slow, requestsPerSecond: 1 / 10 }, at(0)).requestsPerSecond).toBeCloseTo(
    1 / 30,
  );
});

test("the way back has a step for each five good answers that are left", () => {
  const way = (tolerance: Tolerance) =>
    wayBack(RULE, tolerance).map(({ answers, rule }) => [answers, Math.round(rule.requestsPerSecond)]);
  expect(way(at(0))).toEqual([
    [5, 4],
    [5, 6],
    [5, 8],
    [5, 10],
  ]);
  expect(way(at(13))).toEqual([
    [2, 8],
    [5, 10],
  ]);
  expect(way(at(20))).toEqual([]);
});

const WHEN = { revision: 7, nextRevision: 8, inTime: true, random: 0 };

test("several refusals of requests that were in flight together are one", () => {
  const first = judged(UNHURRIED, REFUSED, WHEN);
  expect(first).toMatchObject({ quietMs: 5_000, after: { slowedAt: 8, backoff: { refusals: 1 } } });
  expect(judged(first.after, REFUSED, WHEN)).toEqual({ after: first.after, quietMs: 0 });
  // But the time that a late one names holds.
  const late = judged(first.after, { ...REFUSED, refused: { askedMs: 9_000 } } as Settlement, WHEN);
  expect(late).toEqual({ after: first.after, quietMs: 9_000 });
  const second = judged(first.after, REFUSED, { ...WHEN, revision: 8, nextRevision: 9 });
  expect(second).toMatchObject({ quietMs: 10_000, after: { slowedAt: 9, backoff: { refusals: 2 } } });
});

test("what was served before the refusal was known does not count towards the recovery", () => {
  const { after } = judged(UNHURRIED, REFUSED, WHEN);
  expect(judged(after, OK, WHEN).after.backoff.earned).toBe(0);
  expect(judged(after, OK, { ...WHEN, revision: 8 }).after.backoff.earned).toBe(1);
});

test.each<[string, Settlement]>([
  [
    "a broken page",
    { ...OK, outcome: "broken", cache: "none", seen: { ...SEEN, status: 404 } } as Settlement,
  ],
  [
    "a page behind a wall",
    { ...OK, outcome: "blocked", cache: "none", seen: { ...SEEN, status: 403 } } as Settlement,
  ],
  ["a page that redirects elsewhere", { ...OK, cache: "none", seen: { ...SEEN, status: 301 } } as Settlement],
  ["a proof that failed", { ...OK, cache: "unproven", seen: NOTHING_SEEN } as Settlement],
  ["a failure", { type: "retry", delayMs: 1, reason: "answered 500", status: 500 }],
  ["a closed domain", { type: "hand-back", closed: "retry-after", delayMs: 1, reason: "closed" }],
])("%s says nothing of the pace, however fast it came", (_, settlement) => {
  const slowed = at(3);
  expect(judged(slowed, settlement, WHEN)).toEqual({ after: slowed, quietMs: 0 });
});

test("a hit of a cache helps the recovery, but says nothing of how fast the origin is", () => {
  const hit = { ...OK, cache: "already-warm" } as Settlement;
  const { after } = judged(at(3), hit, WHEN);
  expect(after.backoff.earned).toBe(4);
  expect(after.strain).toEqual(RELAXED);
  expect(judged(at(3), OK, WHEN).after.strain.baselineMs).toBe(100);
});

test("what a late worker measured says nothing of the origin", () => {
  expect(judged(UNHURRIED, OK, { ...WHEN, inTime: false }).after.strain).toEqual(RELAXED);
});

test("how far a domain is slowed down can be seen, and why", () => {
  const calm = { share: 1, reason: null, until: null, baselineTtfbMs: null, recentTtfbMs: null };
  expect(viewBackoff(RULE, UNHURRIED, null)).toEqual(calm);
  const until = new Date(0);
  expect(viewBackoff(RULE, at(5, 1), until)).toEqual({ ...calm, share: 0.4, reason: "refused", until });
  const strain = { ...RELAXED, level: 3, baselineMs: 100.4, recentMs: [500.6] };
  const slow = { share: 0.5, reason: "slow-origin", baselineTtfbMs: 100, recentTtfbMs: 501 };
  expect(viewBackoff(RULE, { ...UNHURRIED, strain }, null)).toEqual({ ...calm, ...slow });
});

const anyRule = fc.record({
  requestsPerSecond: fc.double({ min: 0.0001, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 10_000 }),
  concurrency: fc.integer({ min: 1, max: 1_000 }),
});
const anyTolerance = fc.tuple(fc.nat(20), fc.nat(MOST_STRAIN)).map(([earned, level]) => at(earned, level));

test("a slowed rule is never above the rule, never so low that the domain could not recover, and its window follows", () =>
  fc.assert(
    fc.property(anyRule, anyTolerance, (rule, tolerance) => {
      const slowed = withinTolerance(rule, tolerance);
      for (const part of ["requestsPerSecond", "burst", "concurrency"] as const) {
        expect(slowed[part]).toBeLessThanOrEqual(rule[part]);
      }
      expect(slowed.requestsPerSecond).toBeGreaterThanOrEqual(Math.min(rule.requestsPerSecond, 1 / 30));
      expect(slowed.burst).toBeGreaterThanOrEqual(1);
      expect(slowed.concurrency).toBeGreaterThanOrEqual(1);
      expect(Number.isInteger(slowed.burst) && Number.isInteger(slowed.concurrency)).toBe(true);
      expect(windowFor(slowed, false)).toBeLessThanOrEqual(windowFor(rule, false));
    }),
  ));

test("more good answers never slow a domain down, nor more strain speed it up", () =>
  fc.assert(
    fc.property(anyRule, fc.nat(19), fc.nat(MOST_STRAIN - 1), (rule, earned, level) => {
      const here = withinTolerance(rule, at(earned, level));
      const better = withinTolerance(rule, at(earned + 1, level));
      const worse = withinTolerance(rule, at(earned, level + 1));
      for (const part of ["requestsPerSecond", "burst", "concurrency"] as const) {
        expect(better[part]).toBeGreaterThanOrEqual(here[part]);
        expect(worse[part]).toBeLessThanOrEqual(here[part]);
      }
    }),
  ));
