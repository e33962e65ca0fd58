import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { AlertEvent } from "./alert.ts";
import { type AlertState, CALM, nextAlert } from "./next-alert.ts";

const HOUR = 3_600_000;
const TIMING = { above: 10, backTo: 5, forMs: 60_000, remindMs: HOUR };

/** What is told of readings, each `[seconds, value]`. */
function told(readings: readonly (readonly [at: number, value: number | null])[], timing = TIMING) {
  let state: AlertState = CALM;
  const events: [number, AlertEvent][] = [];
  for (const [at, value] of readings) {
    const step = nextAlert(timing, state, value, at * 1_000);
    state = step.state;
    if (step.event !== null) events.push([at, step.event]);
  }
  return events;
}

type Row = [what: string, readings: [number, number | null][], events: [number, AlertEvent][]];

test.each<Row>([
  [
    "a peak shorter than its time fires nothing",
    [
      [0, 99],
      [59, 99],
      [60, 10],
    ],
    [],
  ],
  [
    "above for its time fires once",
    [
      [0, 11],
      [30, 12],
      [60, 11],
      [90, 50],
    ],
    [[60, "firing"]],
  ],
  [
    "a dip begins the time anew",
    [
      [0, 11],
      [40, 10],
      [70, 11],
      [100, 11],
      [130, 11],
    ],
    [[130, "firing"]],
  ],
  [
    "the threshold itself is not above it",
    [
      [0, 10],
      [60, 10],
      [120, 10],
    ],
    [],
  ],
  [
    "an unknown value begins the time anew",
    [
      [0, 11],
      [30, null],
      [60, 11],
      [120, 11],
    ],
    [[120, "firing"]],
  ],
  [
    "between the thresholds it goes on firing",
    [
      [0, 11],
      [60, 11],
      [120, 6],
      [300, 6],
    ],
    [[60, "firing"]],
  ],
  [
    "back for its time resolves it",
    [
      [0, 11],
      [60, 11],
      [120, 5],
      [179, 5],
      [180, 5],
    ],
    [
      [60, "firing"],
      [180, "resolved"],
    ],
  ],
  [
    "a short calm does not resolve it",
    [
      [0, 11],
      [60, 11],
      [120, 0],
      [150, 11],
      [180, 0],
      [239, 0],
    ],
    [[60, "firing"]],
  ],
  [
    "an unknown value neither resolves nor reminds",
    [
      [0, 11],
      [60, 11],
      [120, null],
      [180, null],
      [3_900, null],
    ],
    [[60, "firing"]],
  ],
  [
    "it reminds an hour after it was told, and then an hour after that",
    [
      [0, 11],
      [60, 11],
      [3_659, 11],
      [3_660, 11],
      [3_700, 11],
      [7_260, 6],
    ],
    [
      [60, "firing"],
      [3_660, "reminder"],
      [7_260, "reminder"],
    ],
  ],
  [
    "what is over is told as over, not as a reminder",
    [
      [0, 11],
      [60, 11],
      [3_600, 0],
      [3_660, 0],
      [7_300, 0],
    ],
    [
      [60, "firing"],
      [3_660, "resolved"],
    ],
  ],
])("%s", (_what, readings, events) => {
  expect(told(readings)).toEqual(events);
});

test("without a time it fires and resolves at once", () => {
  expect(
    told(
      [
        [0, 11],
        [1, 7],
        [2, 5],
        [3, 11],
      ],
      { ...TIMING, forMs: 0 },
    ),
  ).toEqual([
    [0, "firing"],
    [2, "resolved"],
    [3, "firing"],
  ]);
});

describe("whatever is read", () => {
  const readings = fc.array(
    fc.record({
      afterS: fc.integer({ min: 0, max: 1_200 }),
      value: fc.option(fc.integer({ min: 0, max: 15 }), { nil: null }),
    }),
    { maxLength: 200 },
  );
  const timings = fc.record({
    above: fc.constantFrom(5, 10),
    backTo: fc.integer({ min: 0, max: 5 }),
    forMs: fc.constantFrom(0, 60_000, 600_000),
    remindMs: fc.constantFrom(HOUR, 2 * HOUR),
  });
  const stories = fc.tuple(readings, timings).map(([steps, timing]) => {
    let at = 0;
    const seen = steps.map(({ afterS, value }): [number, number | null] => {
      at += afterS;
      return [at, value];
    });
    return { seen, timing, events: told(seen, timing) };
  });

  test("between two firings there is a resolve, and nothing is resolved or reminded of that does not fire", () => {
    void fc.assert(
      fc.property(stories, ({ events }) => {
        let firing = false;
        for (const [, event] of events) {
          expect(event === "firing").toBe(!firing);
          firing = event !== "resolved";
        }
      }),
    );
  });

  test("of a firing nothing is told for an hour but its end", () => {
    void fc.assert(
      fc.property(stories, ({ events, timing }) => {
        for (const [i, [at, event]] of events.entries()) {
          if (event === "reminder")
            expect((at - events[i - 1]![0]) * 1_000).toBeGreaterThanOrEqual(timing.remindMs);
        }
      }),
    );
  });

  test("it turns only after all readings of its time have asked for it", () => {
    void fc.assert(
      fc.property(stories, ({ seen, events, timing }) => {
        for (const [at, event] of events.filter(([, event]) => event !== "reminder")) {
          const wanted = (value: number | null) =>
            value !== null && (event === "firing" ? value > timing.above : value <= timing.backTo);
          const until = seen.findLastIndex(([time]) => time <= at);
          const asked = seen.slice(0, until + 1).findLastIndex(([, value]) => !wanted(value)) + 1;
          // Readings of one second may be told apart no further.
          if (asked <= until) expect((at - seen[asked]![0]) * 1_000).toBeGreaterThanOrEqual(timing.forMs);
        }
      }),
    );
  });
});
