import { expect, test } from "@jest/globals";
import { faultsOf, outOfBounds, untidy, worstExcess, wrongWishes } from "./verdict.ts";
import type { Sample } from "./watch.ts";
import type { Decision } from "./wire.ts";

const DELAY_MS = 15_000;

const sample = (seconds: number, wish: number, going: number): Sample => ({
  at: 1_000 * seconds,
  jobs: 1,
  wish,
  going,
  working: going,
});

function decision(from: number, to: number, activeJobs: number, reason: string, oldestMs = 0): Decision {
  const inputs = { activeJobs, pendingPages: 0, runnable: { tasks: 0, oldestMs } };
  return { at: "2026-01-01T00:00:00Z", from, to, reason, inputs };
}

const START = decision(0, 3, 0, "no active job, the minimum is 3, 0 live");
const UP = decision(3, 9, 3, "3 active jobs ask for 9 workers, 3 live");
const DOWN = decision(9, 3, 1, "1 active job asks for 3 workers, 9 live, too many for 15 s");

test("workers above the wish are none while the wish has just become lower", () => {
  expect(worstExcess([sample(0, 25, 25), sample(4, 3, 25), sample(4.5, 3, 3)])).toBe(0);
  expect(worstExcess([sample(0, 25, 25), sample(5, 3, 25)])).toBe(22);
  expect(worstExcess([sample(0, 15, 15), sample(1, 15, 18), sample(2, 15, 15)])).toBe(3);
});

test("a wish that is not the table's is wrong, and one out of bounds", () => {
  const step = { wishAfter: 0, workersAfter: 0 };
  expect(
    wrongWishes([
      { ...step, jobs: 3, wishes: [9, 9] },
      { ...step, jobs: 8, wishes: [25, 24, 3] },
    ]),
  ).toBe(2);
  expect(
    outOfBounds([sample(0, 2, 2), sample(1, 3, 3), sample(2, 25, 25), sample(3, 26, 26)], {
      min: 3,
      max: 25,
    }),
  ).toBe(2);
});

test("decisions that follow the table hold", () => {
  const backlog = decision(
    9,
    9,
    3,
    "3 active jobs ask for 9 workers, 9 live; 70 pages wait for their domains, which more workers would not make faster",
  );
  const busy = decision(9, 12, 3, "80 tasks wait for a slot, some for 6 s, 9 live", 6_000);
  expect(faultsOf([START, UP, backlog, DOWN], DELAY_MS)).toEqual([]);
  expect(faultsOf([START, UP, busy], DELAY_MS)).toEqual([]);
});

test.each<[string, Decision[], string]>([
  [
    "more than the table has",
    [START, decision(3, 10, 3, "3 active jobs ask for 10 workers, 3 live")],
    "expected 9 for 3 active jobs",
  ],
  [
    "a sentence that gives another reason",
    [START, decision(3, 9, 3, "2 active jobs ask for 9 workers, 3 live")],
    "expected 9 for 3 active jobs",
  ],
  [
    "a queue that did not wait",
    [START, decision(3, 6, 1, "80 tasks wait for a slot, some for 6 s", 4_000)],
    "expected 3 for 1 active job",
  ],
  [
    "fewer than the table has",
    [START, UP, decision(9, 3, 2, "2 active jobs ask for 3 workers, 9 live, too many for 15 s")],
    "expected no fewer than 6 for 2 active jobs",
  ],
  [
    "too early",
    [START, UP, decision(9, 3, 1, "1 active job asks for 3 workers, 9 live, too many for 9 s")],
    "expected fewer to have done for 15 s",
  ],
  [
    "at once",
    [START, UP, decision(9, 3, 1, "1 active job asks for 3 workers")],
    "expected fewer to have done for 15 s",
  ],
  [
    "workers that nobody decided on",
    [START, decision(5, 9, 3, "3 active jobs ask for 9 workers, 5 live")],
    "a decision goes from 5, the one before went to 3",
  ],
  [
    "no change, and no backlog",
    [START, decision(3, 3, 1, "1 active job asks for 3 workers, 3 live")],
    "no change, and no reason",
  ],
  ["up, down and up", [START, UP, DOWN, UP], "the fleet turned 2 times: 3, 9, 3, 9"],
])("a decision does not hold: %s", (_, decisions, fault) => {
  expect(faultsOf(decisions, DELAY_MS)).toEqual([expect.stringContaining(fault)]);
});

test("a worker that began to stop and is gone without a word did not end in order", () => {
  const line = (message: string, pid: number) => ({
    level: "info",
    message,
    process: { name: "worker", pid },
  });
  const lines = [line("stopping", 1), line("stopped", 1), line("stopping", 2), line("stopping", 3)];
  const heard = (message: string) => lines.filter((one) => one.message === message);
  expect(untidy({ everyWorker: [1, 2, 3, 4], heard, living: () => [3] })).toEqual([2]);
});
