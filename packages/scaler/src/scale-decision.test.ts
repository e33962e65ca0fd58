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

test("the reason says what the law asks for and what there is", () => {
  expect(decide(5, 3).reason).toBe("5 active jobs ask for 15 workers, 3 live");
  expect(decide(1, 6).reason).toBe("1 active job asks for 3 workers, 6 stay for now");
});
