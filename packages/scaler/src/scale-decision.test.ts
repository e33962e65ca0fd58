import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { decideScale, type ScaleInput } from "./scale-decision.ts";

const bounds = { min: 3, max: 25, perJob: 3 };
const IDLE: ScaleInput = {
  activeJobs: 0,
  pendingPages: 0,
  runnable: { tasks: 0, oldestMs: 0 },
  slots: { busy: 0, usable: 200, workers: 25 },
  current: 3,
  bounds,
  scaleDownDelayMs: 120_000,
  lowerForMs: 0,
  lately: 0,
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
    expect(decide({ activeJobs, current })).toMatchObject({ to, wish: to });
  });

  test("for work that waits longer than five seconds for a slot, a step more, however few the jobs", () => {
    const waits = (oldestMs: number) => decide({ activeJobs: 1, runnable: { tasks: 400, oldestMs } });
    expect(waits(5_000).to).toBe(3);
    expect(waits(5_001).to).toBe(6);
  });

  test("no second step before the first had five seconds to show, and none back", () => {
    const busy = { activeJobs: 1, current: 6, runnable: { tasks: 400, oldestMs: 9_000 } };
    expect(decide({ ...busy, sinceUpMs: 4_999 })).toMatchObject({ to: 6, wish: 6 });
    expect(decide({ ...busy, sinceUpMs: 5_000 })).toMatchObject({ to: 9, wish: 9 });
  });

  test("no second step before the workers of the first are at work, or half a minute has passed", () => {
    const busy = { activeJobs: 1, current: 6, runnable: { tasks: 400, oldestMs: 9_000 } };
    const slots = { busy: 600, usable: 200, workers: 3 };
    expect(decide({ ...busy, slots, sinceUpMs: 29_999 })).toMatchObject({ to: 6, wish: 6 });
    expect(decide({ ...busy, slots, sinceUpMs: 30_000 })).toMatchObject({ to: 9, wish: 9 });
    expect(decide({ ...busy, slots: { ...slots, workers: 6 }, sinceUpMs: 5_000 })).toMatchObject({ to: 9 });
  });

  test("never for pages that wait for their domains, however many", () => {
    expect(decide({ activeJobs: 1, pendingPages: 1e6 }).to).toBe(3);
  });

  test("never for being busy alone", () => {
    expect(decide({ activeJobs: 1, slots: { busy: 600, usable: 200, workers: 25 } }).to).toBe(3);
  });
});

describe("fewer workers", () => {
  test("stay until the demand has been lower for the whole delay", () => {
    expect(decide({ activeJobs: 1, current: 15, lowerForMs: 119_999 })).toMatchObject({
      to: 15,
      wish: 3,
    });
    expect(decide({ activeJobs: 1, current: 15, lowerForMs: 120_000 })).toMatchObject({ to: 3, wish: 3 });
  });

  test("no further than to the most that was asked for within the delay", () => {
    const over = { activeJobs: 1, current: 25, lowerForMs: 120_000 };
    expect(decide({ ...over, lately: 21 })).toMatchObject({ to: 21, wish: 3 });
    expect(decide({ ...over, lately: 3 })).toMatchObject({ to: 3, wish: 3 });
    // Workers may have died since.
    expect(decide({ ...over, current: 9, lately: 21 })).toMatchObject({ to: 9, wish: 3 });
  });

  test("at once where there are more than the maximum", () => {
    expect(decide({ activeJobs: 30, current: 28 })).toMatchObject({ to: 25, wish: 25 });
    expect(decide({ current: 28, lowerForMs: 120_000, lately: 28 }).to).toBe(25);
  });

  test("never go below the minimum", () => {
    expect(decide({ current: 15, lowerForMs: 1e9 }).to).toBe(3);
  });

  test("as many stay as what is busy fills to four fifths", () => {
    const full = { activeJobs: 1, current: 15, lowerForMs: 120_000 };
    expect(decide({ ...full, slots: { busy: 1_440, usable: 200, workers: 25 } }).to).toBe(9);
    expect(decide({ ...full, slots: { busy: 20, usable: 200, workers: 25 } }).to).toBe(3);
    // Slots that a late event loop cannot fill do not count.
    expect(decide({ ...full, slots: { busy: 720, usable: 100, workers: 25 } }).to).toBe(9);
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
      "8 active jobs, the maximum is 25, 28 live, more than the maximum of 25",
      { activeJobs: 8, current: 28 },
    ],
    [
      "1 active job asks for 3 workers, 25 live, too many for 130 s, up to 21 were needed in the last 120 s",
      { activeJobs: 1, current: 25, lowerForMs: 130_000, lately: 21 },
    ],
    [
      "1 active job asks for 3 workers, 3 live; 1 page waits for its domain, which more workers would not make faster",
      { activeJobs: 1, pendingPages: 1 },
    ],
    [
      "960 busy slots fill 6 workers, 9 live, too many for 120 s",
      { current: 9, lowerForMs: 120_000, slots: { busy: 960, usable: 200, workers: 25 } },
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

test("never outside its bounds, whatever it is told", () => {
  const many = fc.integer({ min: 0, max: 100_000 });
  fc.assert(
    fc.property(many, many, many, many, many, fc.nat(50), fc.nat(50), (...numbers) => {
      const [activeJobs, tasks, oldestMs, busy, lowerForMs, current, lately] = numbers;
      const { to, wish } = decide({
        activeJobs,
        runnable: { tasks, oldestMs },
        slots: { busy, usable: 200, workers: 25 },
        lowerForMs,
        current,
        lately,
      });
      for (const workers of [to, wish]) {
        expect(workers).toBeGreaterThanOrEqual(3);
        expect(workers).toBeLessThanOrEqual(25);
      }
    }),
  );
});
