import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decideScale, type ScaleInput } from "./scale-decision.ts";

const bounds = { min: 3, max: 25, perJob: 3 };
const IDLE: ScaleInput = {
  activeJobs: 0,
  pendingPages: 0,
  runnable: { tasks: 0, oldestMs: 0 },
  slots: { busy: 0, usable: 200 },
  current: 3,
  bounds,
  scaleDownDelayMs: 120_000,
  lowerForMs: 0,
  sinceUpMs: 1e9,
};
const decide = (input: Partial<ScaleInput>) => decideScale({ ...IDLE, ...input });

describe("more workers", () => {
  test.each([
    [0, 0, 3],
    [1, 3, 3],
    [2, 3, 6],
    [5, 3, 15],
    [8, 3, 25],
    [30, 3, 25],
  ])("%i jobs with %i workers: %i at once", (activeJobs, current, to) => {
    expect(decide({ activeJobs, current })).toMatchObject({ to, lower: false });
  });

  test("for work that waits longer than five seconds for a slot, a step more, however few the jobs", () => {
    const waits = (oldestMs: number) => decide({ activeJobs: 1, runnable: { tasks: 400, oldestMs } });
    expect(waits(5_000).to).toBe(3);
    expect(waits(5_001).to).toBe(6);
  });

  test("no second step before the first had five seconds to show, and none back", () => {
    const busy = { activeJobs: 1, current: 6, runnable: { tasks: 400, oldestMs: 9_000 } };
    expect(decide({ ...busy, sinceUpMs: 4_999 })).toMatchObject({ to: 6, lower: false });
    expect(decide({ ...busy, sinceUpMs: 5_000 })).toMatchObject({ to: 9, lower: false });
  });

  test("never for pages that wait for their domains, however many", () => {
    expect(decide({ activeJobs: 1, pendingPages: 1e6 }).to).toBe(3);
  });

  test("never for being busy alone", () => {
    expect(decide({ activeJobs: 1, slots: { busy: 600, usable: 200 } }).to).toBe(3);
  });
});

describe("fewer workers", () => {
  test("stay until the demand has been lower for the whole delay", () => {
    expect(decide({ activeJobs: 1, current: 15, lowerForMs: 119_999 })).toMatchObject({
      to: 15,
      lower: true,
    });
    expect(decide({ activeJobs: 1, current: 15, lowerForMs: 120_000 })).toMatchObject({ to: 3, lower: true });
  });

  test("never go below the minimum", () => {
    expect(decide({ current: 15, lowerForMs: 1e9 }).to).toBe(3);
  });

  test("as many stay as what is busy fills to four fifths", () => {
    const full = { activeJobs: 1, current: 15, lowerForMs: 120_000 };
    expect(decide({ ...full, slots: { busy: 1_440, usable: 200 } }).to).toBe(9);
    expect(decide({ ...full, slots: { busy: 20, usable: 200 } }).to).toBe(3);
    // Slots that a late event loop cannot fill do not count.
    expect(decide({ ...full, slots: { busy: 720, usable: 100 } }).to).toBe(9);
  });
});

describe("the reason", () => {
  test.each<[string, Partial<ScaleInput>]>([
    ["no active job, the minimum is 3, 5 stay for now", { current: 5 }],
    ["no active job, the minimum is 3, 0 live", { current: 0 }],
    ["no active job, the minimum is 3, 6 live, too many for 120 s", { current: 6, lowerForMs: 120_000 }],
    ["1 active job asks for 3 workers, 5 stay for now", { activeJobs: 1, current: 5 }],
    ["2 active jobs ask for 6 workers, 5 live", { activeJobs: 2, current: 5 }],
    ["7 active jobs ask for 21 workers, 5 live", { activeJobs: 7, current: 5 }],
    ["8 active jobs, the maximum is 25, 5 live", { activeJobs: 8, current: 5 }],
    [
      "400 tasks wait for a slot, some for 7 s, 3 live",
      { activeJobs: 1, runnable: { tasks: 400, oldestMs: 7_000 } },
    ],
    [
      "960 busy slots fill 6 workers, 9 live, too many for 120 s",
      { current: 9, lowerForMs: 120_000, slots: { busy: 960, usable: 200 } },
    ],
    [
      "1 active job asks for 3 workers, 9 live, too many for 120 s; 12,000 pages wait for their domains, which more workers would not make faster",
      { activeJobs: 1, current: 9, lowerForMs: 120_000, pendingPages: 12_000 },
    ],
  ])("%s", (reason, input) => {
    expect(decide(input).reason).toBe(reason);
  });

  test("one job that needs less than the minimum does not ask for it", () => {
    const wide = { min: 10, max: 25, perJob: 3 };
    expect(decide({ activeJobs: 1, current: 10, bounds: wide }).reason).toBe(
      "1 active job, the minimum is 10, 10 live",
    );
  });
});

/** A fleet that carries out `perWorker` tasks a second each, and what it is asked to do, second by second. */
function run(seconds: number, perWorker: number, arrivals: (second: number) => number, activeJobs = 1) {
  let current = 3;
  let queue = 0;
  let lowerSince: number | null = null;
  let upAt = Number.NEGATIVE_INFINITY;
  let waitedSince: number | null = null;
  const seen: number[] = [];
  for (let second = 0; second < seconds; second++) {
    const capacity = current * perWorker;
    queue += arrivals(second);
    const done = Math.min(queue, capacity);
    queue -= done;
    waitedSince = queue > 0 ? (waitedSince ?? second) : null;
    const { to, lower } = decide({
      activeJobs,
      current,
      runnable: { tasks: queue, oldestMs: waitedSince === null ? 0 : 1_000 * (second - waitedSince) },
      slots: { busy: done, usable: perWorker },
      lowerForMs: lowerSince === null ? 0 : 1_000 * (second - lowerSince),
      sinceUpMs: 1_000 * (second - upAt),
    });
    lowerSince = lower ? (lowerSince ?? second) : null;
    if (to > current) upAt = second;
    current = to;
    seen.push(current);
  }
  return seen;
}

describe("over time", () => {
  const directions = (seen: readonly number[]) => {
    const moves = seen.map((n, i) => Math.sign(n - (seen[i - 1] ?? n))).filter((move) => move !== 0);
    return moves.filter((move, i) => i > 0 && move !== moves[i - 1]).length;
  };

  test("steady work finds its number of workers and stays there", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 5, max: 40 }), (rate, perWorker) => {
        const seen = run(2_000, perWorker, () => rate);
        // Up, and once down to what it needs after the first backlog.
        expect(directions(seen)).toBeLessThanOrEqual(1);
        expect(new Set(seen.slice(-600)).size).toBe(1);
        expect(Math.min(...seen)).toBeGreaterThanOrEqual(3);
        expect(Math.max(...seen)).toBeLessThanOrEqual(25);
      }),
    );
  });

  test("a trickle does not hold the workers of a rush", () => {
    const seen = run(1_000, 10, (second) => (second < 60 ? 400 : 1));
    expect(Math.max(...seen)).toBe(25);
    expect(seen.at(-1)).toBe(3);
  });
});

test("never outside its bounds, whatever it is told", () => {
  const many = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(many, many, many, many, many, fc.integer({ min: 0, max: 25 }), (...numbers) => {
      const [activeJobs, tasks, oldestMs, busy, lowerForMs, current] = numbers;
      const { to } = decide({
        activeJobs,
        runnable: { tasks, oldestMs },
        slots: { busy, usable: 200 },
        lowerForMs,
        current,
      });
      expect(to).toBeGreaterThanOrEqual(3);
      expect(to).toBeLessThanOrEqual(25);
    }),
  );
});
