import { describe, expect, test } from "@jest/globals";
import { mostInFlight, type Pace, type Span, worstExcess } from "./politeness.ts";

/** Starts at the given milliseconds; each request takes one. */
function starts(...times: number[]): Span[] {
  return times.map((startedAt) => ({ startedAt, endedAt: startedAt + 1 }));
}

/** The same random numbers in every run (mulberry32), so that a failure can be looked at again. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function randomSpans(random: () => number): Span[] {
  const count = 1 + Math.floor(random() * 40);
  return Array.from({ length: count }, () => {
    // Whole milliseconds, few of them: requests that start in the same instant are the interesting ones.
    const startedAt = Math.floor(random() * 5000);
    return { startedAt, endedAt: random() < 0.1 ? null : startedAt + Math.floor(random() * 800) };
  });
}

/** The definition, word for word: every window from a request to a request, with all requests inside it. */
function worstExcessByDefinition(spans: readonly Span[], pace: Pace, jitterMs: number): number {
  let worst = Number.NEGATIVE_INFINITY;
  for (const { startedAt: from } of spans) {
    for (const { startedAt: to } of spans.filter((span) => span.startedAt >= from)) {
      const inside = spans.filter((span) => span.startedAt >= from && span.startedAt <= to).length;
      const seconds = (to - from + jitterMs) / 1000;
      worst = Math.max(worst, inside - (pace.requestsPerSecond * seconds + pace.burst));
    }
  }
  return worst;
}

function mostInFlightByDefinition(spans: readonly Span[]): number {
  const openAt = (moment: number) =>
    spans.filter((span) => span.startedAt <= moment && (span.endedAt ?? Infinity) > moment).length;
  return Math.max(...spans.map((span) => openAt(span.startedAt)));
}

describe("worstExcess", () => {
  const pace = { requestsPerSecond: 2, burst: 3 };

  test("a burst and then the sustained pace is exactly within the rule", () => {
    expect(worstExcess(starts(0, 0, 0, 500, 1000, 1500), pace)).toBeCloseTo(0);
  });

  test("one request more than the burst in one instant is one too many", () => {
    expect(worstExcess(starts(0, 0, 0, 0), pace)).toBeCloseTo(1);
  });

  test("a burst taken again before it has grown back is found, wherever it lies", () => {
    expect(worstExcess(starts(0, 10_000, 10_000, 10_000, 10_500, 10_500, 10_500), pace)).toBeCloseTo(2);
  });

  test("a slow drift above the pace is found although no short window shows it", () => {
    const drifting = starts(...Array.from({ length: 100 }, (_, i) => i * 450));
    expect(worstExcess(drifting, pace)).toBeCloseTo(100 - (2 * (99 * 0.45) + 3));
  });

  test("jitter widens every window", () => {
    expect(worstExcess(starts(0, 0, 0, 0), pace, 500)).toBeCloseTo(0);
  });

  test("no requests leave the whole burst unused", () => {
    expect(worstExcess([], pace)).toBe(-3);
  });

  test("requests need not come in order", () => {
    expect(worstExcess(starts(1500, 0, 0, 500, 0, 1000), pace)).toBeCloseTo(0);
  });

  test("a machine that has been up for a hundred days costs no precision", () => {
    const up = 100 * 86_400_000 + 0.123;
    expect(worstExcess(starts(up, up, up, up + 500), pace)).toBeCloseTo(0, 6);
  });

  test("agrees with the definition on random traffic", () => {
    const random = seeded(20_260_301);
    for (let round = 0; round < 500; round += 1) {
      const spans = randomSpans(random);
      const some = { requestsPerSecond: 0.1 + random() * 10, burst: 1 + Math.floor(random() * 8) };
      const jitterMs = Math.floor(random() * 50);
      expect(worstExcess(spans, some, jitterMs)).toBeCloseTo(
        worstExcessByDefinition(spans, some, jitterMs),
        6,
      );
    }
  });

  test("a hundred thousand requests are judged in one pass", () => {
    const many = starts(...Array.from({ length: 100_000 }, (_, i) => i * 500));
    expect(worstExcess(many, pace)).toBeCloseTo(-2);
  });
});

describe("mostInFlight", () => {
  test("no requests: none", () => {
    expect(mostInFlight([])).toBe(0);
  });

  test("one that starts as another ends does not overlap it", () => {
    const spans = [
      { startedAt: 0, endedAt: 10 },
      { startedAt: 10, endedAt: 20 },
    ];
    expect(mostInFlight(spans)).toBe(1);
  });

  test("a request without an end stays open", () => {
    const spans = [
      { startedAt: 0, endedAt: null },
      { startedAt: 10, endedAt: 20 },
      { startedAt: 15, endedAt: 16 },
      { startedAt: 30, endedAt: 40 },
    ];
    expect(mostInFlight(spans)).toBe(3);
  });

  test("agrees with the definition on random traffic", () => {
    const random = seeded(7);
    for (let round = 0; round < 500; round += 1) {
      const spans = randomSpans(random).map((span) => ({
        ...span,
        endedAt: span.endedAt && span.endedAt + 1,
      }));
      expect(mostInFlight(spans)).toBe(mostInFlightByDefinition(spans));
    }
  });
});
