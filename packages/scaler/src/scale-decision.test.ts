import { describe, expect, test } from "@jest/globals";
import { decideScale } from "./scale-decision.ts";

const bounds = { min: 3, max: 25, perJob: 3 };
const decide = (activeJobs: number, current: number, lowerForMs = 0) =>
  decideScale({ activeJobs, current, lowerForMs, bounds, scaleDownDelayMs: 120_000 });

describe("more workers", () => {
  test.each([
    [0, 0, 3],
    [1, 3, 3],
    [2, 3, 6],
    [5, 3, 15],
    [8, 3, 25],
    [30, 3, 25],
  ])("%i jobs with %i workers: %i at once", (jobs, current, to) => {
    expect(decide(jobs, current)).toMatchObject({ to, lower: false });
  });
});

describe("fewer workers", () => {
  test("stay until the demand has been lower for the whole delay", () => {
    expect(decide(1, 15, 119_999)).toMatchObject({ to: 15, lower: true });
    expect(decide(1, 15, 120_000)).toMatchObject({ to: 3, lower: true });
  });

  test("never go below the minimum", () => {
    expect(decide(0, 15, 1e9).to).toBe(3);
  });
});

test.each([
  [0, "no active job, the minimum is 3, 5 stay for now"],
  [1, "1 active job asks for 3 workers, 5 stay for now"],
  [2, "2 active jobs ask for 6 workers, 5 live"],
  [7, "7 active jobs ask for 21 workers, 5 live"],
  [8, "8 active jobs, the maximum is 25, 5 live"],
  [30, "30 active jobs, the maximum is 25, 5 live"],
])("%i jobs with 5 workers: %s", (jobs, reason) => {
  expect(decide(jobs, 5).reason).toBe(reason);
});

test("one job that needs less than the minimum does not ask for it", () => {
  const wide = { min: 10, max: 25, perJob: 3 };
  const input = { activeJobs: 1, current: 10, lowerForMs: 0, bounds: wide, scaleDownDelayMs: 120_000 };
  expect(decideScale(input).reason).toBe("1 active job, the minimum is 10, 10 live");
});

test("the reason says what the law asks for and what there is", () => {
  expect(decide(5, 3).reason).toBe("5 active jobs ask for 15 workers, 3 live");
  expect(decide(1, 6).reason).toBe("1 active job asks for 3 workers, 6 stay for now");
  expect(decide(0, 0).reason).toBe("no active job, the minimum is 3, 0 live");
  expect(decide(0, 6, 120_000).reason).toBe("no active job, the minimum is 3, 6 live, too many for 120 s");
});
