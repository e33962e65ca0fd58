import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import {
  AT_EASE,
  type Backoff,
  forgotten,
  RECOVERY,
  refused,
  refusesAll,
  served,
  shareOf,
} from "./backoff.ts";

/** A refusal ("5" names five seconds, "-" no time) or a page that was served ("."), one after the other. */
function after(story: string, random = 0): { backoff: Backoff; pauses: number[] } {
  let backoff = AT_EASE;
  const pauses: number[] = [];
  for (const step of story.split(" ").flatMap((word) => (/^\.+$/.test(word) ? [...word] : [word]))) {
    if (step === ".") backoff = served(backoff);
    else {
      const askedMs = step === "-" ? null : Number(step) * 1_000;
      const { after, quietMs } = refused(backoff, { askedMs }, random);
      backoff = after;
      pauses.push(quietMs / 1_000);
    }
  }
  return { backoff, pauses };
}

test.each([
  ["-", [5]],
  ["- - - - - - - -", [5, 10, 20, 40, 80, 160, 250, 250]],
  ["3", [3]],
  ["0", [0]],
  ["21600", [21_600]],
  // A site that says one second each time is not asked each second.
  ["1 1 1 1", [1, 10, 20, 40]],
  ["60 60 60 60 60", [60, 60, 60, 60, 80]],
  // Each step of the recovery takes back one doubling.
  ["- - - . -", [5, 10, 20, 40]],
  ["- - - ..... -", [5, 10, 20, 20]],
  ["- - - .......... -", [5, 10, 20, 10]],
  [`- - - ${".".repeat(RECOVERY)} -`, [5, 10, 20, 5]],
])("a site that answers %s is left alone for %j seconds", (story, seconds) => {
  expect(after(story).pauses).toEqual(seconds);
});

test("jitter makes our own pauses longer by up to a fifth, and those that were asked for not at all", () => {
  expect(after("- - - - - - - -", 1).pauses).toEqual([6, 12, 24, 48, 96, 192, 300, 300]);
  expect(after("3", 1).pauses).toEqual([3]);
});

test.each([
  [0, 0.2],
  [4, 0.2],
  [5, 0.4],
  [10, 0.6],
  [15, 0.8],
  [19, 0.8],
  [20, 1],
])("after %i good answers a domain has %d of its rule", (answers, share) => {
  const { backoff } = after(`- ${".".repeat(answers)}`);
  expect(shareOf(backoff)).toBeCloseTo(share);
});

test("a refusal on the way back takes back half of the way, and what was earned before need not be in a row", () => {
  expect(after(`- ${".".repeat(16)} -`).backoff.earned).toBe(6);
  expect(after("- ..... -").backoff.earned).toBe(0);
  expect(after(`- ${".".repeat(16)} - ${".".repeat(14)}`).backoff).toEqual(AT_EASE);
});

test("a site that refuses everything is given up after nine minutes of quiet, however short the pauses it asks for", () => {
  const givenUpAfter = (step: string) => {
    for (let refusals = 1; ; refusals++) {
      const { backoff, pauses } = after(Array(refusals).fill(step).join(" "));
      // What is given up is not waited for any more.
      const kept = pauses.slice(0, -1).reduce((a, b) => a + b, 0);
      if (refusesAll(backoff)) return { refusals, seconds: kept };
    }
  };
  expect(givenUpAfter("-")).toEqual({ refusals: 8, seconds: 565 });
  expect(givenUpAfter("1")).toEqual({ refusals: 8, seconds: 561 });
  // One that asks for hours is believed twice.
  expect(givenUpAfter("21600").refusals).toBe(3);
});

test("a page that is served in between shows that more will be", () => {
  expect(refusesAll(after("- - - - - - . -").backoff)).toBe(false);
  const hopeless = after("- - - - - - - -").backoff;
  expect([refusesAll(hopeless), refusesAll(forgotten(hopeless))]).toEqual([true, false]);
  expect(shareOf(forgotten(hopeless))).toBe(shareOf(hopeless));
});

const anyStep = fc.oneof(
  { weight: 3, arbitrary: fc.constant("served" as const) },
  {
    weight: 1,
    arbitrary: fc
      .option(fc.integer({ min: 0, max: 86_400_000 }), { nil: null })
      .map((askedMs) => ({ askedMs })),
  },
);

test("whatever a site does, it is never asked sooner than it said, nor faster after a refusal than before it", () =>
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 200 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (steps, random) => {
        let backoff = AT_EASE;
        for (const step of steps) {
          const before = backoff;
          if (step === "served") {
            backoff = served(before);
            expect(shareOf(backoff)).toBeGreaterThanOrEqual(shareOf(before));
          } else {
            const { after, quietMs } = refused(before, step, random);
            backoff = after;
            expect(quietMs).toBeGreaterThanOrEqual(step.askedMs ?? 5_000);
            expect(quietMs).toBeLessThanOrEqual(Math.max(step.askedMs ?? 0, 300_000));
            expect(shareOf(backoff)).toBeLessThanOrEqual(shareOf(before));
          }
          expect(shareOf(backoff)).toBeGreaterThanOrEqual(1 / 5);
          expect(shareOf(backoff)).toBeLessThanOrEqual(1);
        }
        for (let answers = 0; answers < RECOVERY; answers++) backoff = served(backoff);
        expect(backoff).toEqual(AT_EASE);
      },
    ),
  ));

test("a site that serves nothing is given up after a handful of refusals", () =>
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.nat(86_400_000), { nil: null }), { minLength: 8, maxLength: 8 }),
      (asked) => {
        const end = asked.reduce((backoff, askedMs) => refused(backoff, { askedMs }, 0).after, AT_EASE);
        expect(refusesAll(end)).toBe(true);
      },
    ),
  ));
