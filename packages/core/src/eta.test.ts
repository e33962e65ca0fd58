import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { AT_EASE, RECOVERY } from "./backoff.ts";
import { type EtaFacts, etaSeconds, type JobProgress } from "./eta.ts";
import { TIERS } from "./tier.ts";
import { UNHURRIED, wayBack, withinTolerance } from "./tolerance.ts";

const JOB: JobProgress = { tier: "normal", proves: false, open: 300, begun: 0, finished: 100, visits: 100 };
const BASE: EtaFacts = {
  job: JOB,
  others: [],
  answers: { answerMs: 100, spreadMs: 0, hops: 0, endedMsAgo: [] },
  rule: { requestsPerSecond: 3, burst: 5, concurrency: 3 },
  wayBack: [],
  closedForMs: 0,
  nextInMs: 0,
  released: 0,
  dueInMs: 0,
};
const SLOW = { requestsPerSecond: 0.5, burst: 1, concurrency: 1 };

const eta = (job: Partial<JobProgress> = {}, facts: Partial<EtaFacts> = {}) =>
  etaSeconds({ ...BASE, ...facts, job: { ...JOB, ...job } });

describe("the visits that are left, at three a second and half a visit begun,", () => {
  test.each<[string, Partial<JobProgress>, number]>([
    ["are one a page", {}, 99.8],
    ["are as many a page as pages took", { visits: 130 }, 129.8],
    ["are two a page at first, where misses are proved", { finished: 0, visits: 0, proves: true }, 199.8],
    ["are one a page at first, where they are not", { finished: 0, visits: 0 }, 99.8],
    // 100 pages of two visits and 30 of one so far: 270 new ones of two, and 30 proofs.
    ["are one for a page that waits for its proof", { visits: 230, begun: 30 }, 189.8],
    ["are none where no page is left", { open: 0 }, 0],
    // Run again: 300 visits of pages that are open once more.
    ["are at most four a page", { finished: 1, visits: 301 }, 399.8],
  ])("%s", (_, job, seconds) => {
    expect(eta(job)).toBe(seconds);
  });

  test("include the redirects that are followed", () => {
    expect(eta({}, { answers: { ...BASE.answers, hops: 0.5 } })).toBe(149.8);
  });
});

describe("the pace", () => {
  test("is that of each step where the domain is on its way back to its rule", () => {
    const slowed = {
      rule: { requestsPerSecond: 1, burst: 1, concurrency: 1 },
      wayBack: [
        { answers: 2, rule: { requestsPerSecond: 2, burst: 1, concurrency: 1 } },
        { answers: 5, rule: BASE.rule },
      ],
    };
    expect(eta({ open: 2 }, slowed)).toBe(1.5);
    // Two at one a second, five at two, the rest at three; of each step half a visit is begun.
    expect(eta({ open: 7 }, slowed)).toBe(3.8);
    expect(eta({ open: 300 }, slowed)).toBe(101.3);
  });

  test("is the places by the time of an answer, where that is less than the rule", () => {
    // 300 visits, three at a time, 5 s each.
    expect(eta({}, { answers: { ...BASE.answers, answerMs: 5_000 } })).toBeCloseTo(500, 0);
    expect(eta({}, { answers: { ...BASE.answers, answerMs: 900 } })).toBe(99.8);
  });

  test("knows when the visits under way will end, by when those before them ended", () => {
    const last = (endedMsAgo: number[], open: number) =>
      eta({ open }, { answers: { answerMs: 5_000, spreadMs: 0, hops: 0, endedMsAgo } });
    expect(last([4_000, 4_000, 4_000], 3)).toBeCloseTo(1.2);
    expect(last([4_000, 4_000, 4_000], 4)).toBeCloseTo(6.2);
    expect(last([500, 2_000, 4_000], 3)).toBeCloseTo(4.7);
    expect(last([500, 2_000, 4_000], 5)).toBeCloseTo(8.2);
  });

  test("lets the slowest of the last visits take longer than the mean", () => {
    const steady = { answerMs: 5_000, spreadMs: 0, hops: 0, endedMsAgo: [] };
    expect(eta({}, { answers: { ...steady, spreadMs: 2_000 } })).toBeCloseTo(
      eta({}, { answers: steady }) + 2,
    );
  });

  test("of a slow domain counts from the moment at which its next page may start", () => {
    const slow = { rule: SLOW, released: 1, nextInMs: 1_500 };
    // One has started half a second ago; the next starts in 1.5 s, the last of the other nine 16 s later.
    expect(eta({ open: 10 }, slow)).toBe(17.8);
    expect(eta({ open: 10 }, { ...slow, answers: { ...BASE.answers, answerMs: 5_000 } })).toBeCloseTo(
      -0.5 + 10 * 5.2,
    );
  });

  test("begins when a closed domain opens", () => {
    expect(eta({}, { closedForMs: 30_500 })).toBe(130.3);
  });
});

test("a page that waits for a moment of its own is waited for", () => {
  expect(eta({ open: 1, begun: 1 }, { dueInMs: 8_000 })).toBe(8);
});

describe("other jobs of the domain", () => {
  const other = (tier: JobProgress["tier"], open: number) => ({ others: [{ ...JOB, tier, open }] });

  test.each<[string, Partial<EtaFacts>, number]>([
    ["of a higher tier go first, however many pages they have", other("high", 3_000), 1_099.8],
    ["of the same tier take turns, so a longer one doubles the time", other("normal", 3_000), 199.8],
    ["of the same tier take turns, so a shorter one adds its own", other("normal", 30), 109.8],
    ["of a lower tier wait, but for half a window of them", other("low", 3_000), 100.5],
  ])("%s", (_, facts, seconds) => {
    expect(eta({}, facts)).toBe(seconds);
  });
});

const anyJob: fc.Arbitrary<JobProgress> = fc.record({
  tier: fc.constantFrom(...TIERS),
  proves: fc.boolean(),
  open: fc.nat(1_000),
  begun: fc.nat(1_000),
  finished: fc.nat(1_000),
  visits: fc.nat(4_000),
});
const anyMs = fc.nat(100_000);
const anyFactsAtEase = fc.record({
  job: anyJob.filter(({ open }) => open > 0),
  others: fc.array(anyJob, { maxLength: 3 }),
  answers: fc.record({
    answerMs: fc.option(fc.nat(30_000)),
    spreadMs: fc.nat(10_000),
    hops: fc.double({ min: 0, max: 10, noNaN: true }),
    endedMsAgo: fc.array(anyMs, { maxLength: 30 }),
  }),
  rule: fc.record({
    requestsPerSecond: fc.double({ min: 0.01, max: 100, noNaN: true }),
    burst: fc.integer({ min: 1, max: 20 }),
    concurrency: fc.integer({ min: 1, max: 20 }),
  }),
  closedForMs: anyMs,
  nextInMs: anyMs,
  released: fc.nat(10),
  dueInMs: anyMs,
});
const anyFacts: fc.Arbitrary<EtaFacts> = fc.tuple(anyFactsAtEase, fc.nat(RECOVERY)).map(([facts, earned]) => {
  const tolerance = { ...UNHURRIED, backoff: { ...AT_EASE, earned } };
  const { rule } = facts;
  return { ...facts, rule: withinTolerance(rule, tolerance), wayBack: wayBack(rule, tolerance) };
});

test("whatever is the case, an estimate is a time, and none before the domain opens", () =>
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const seconds = etaSeconds(facts);
      expect(Number.isFinite(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(Math.floor(facts.closedForMs / 100) / 10);
    }),
  ));

test("whatever is the case, another job never brings the end nearer", () =>
  fc.assert(
    fc.property(anyFacts, anyJob, (facts, more) => {
      expect(etaSeconds({ ...facts, others: [...facts.others, more] })).toBeGreaterThanOrEqual(
        etaSeconds(facts),
      );
    }),
  ));
