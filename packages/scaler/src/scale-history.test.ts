import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Demand, decideScale } from "./scale-decision.ts";
import { ScaleHistory } from "./scale-history.ts";

const bounds = { min: 3, max: 25, perJob: 3 };
const DELAY_S = 120;
const IDLE: Demand = {
  activeJobs: 0,
  pendingPages: 0,
  runnable: { tasks: 0, oldestMs: 0 },
  slots: { busy: 0, usable: 200, workers: 25 },
};

/** A decision that nothing came before. */
const NEW = { current: 3, bounds, scaleDownDelayMs: 0, lowerForMs: 0, lately: 0, sinceUpMs: 1e9 };

/** A scaler that looks once a second; `demandOf` is asked with the workers that there are. @returns what became of it. */
function scale(seconds: number, demandOf: (second: number, current: number) => Partial<Demand>) {
  const history = new ScaleHistory(1_000 * DELAY_S);
  const seen: { current: number; told: string | null }[] = [];
  let current = 3;
  for (let second = 0; second < seconds; second++) {
    const now = 1_000 * second;
    const demand = { ...IDLE, ...demandOf(second, current) };
    const decision = decideScale({
      ...demand,
      ...history.at(now),
      current,
      bounds,
      scaleDownDelayMs: 1_000 * DELAY_S,
    });
    const isTold = history.add(now, decision, current, decision.to - current);
    current = decision.to;
    seen.push({ current, told: isTold ? decision.reason : null });
  }
  return { workers: seen.map((one) => one.current), told: seen.map((one) => one.told) };
}

/** Work that comes at a rate to a fleet whose workers do `perWorker` of it a second each. */
function flow(perWorker: number, arrivals: (second: number) => number) {
  let queue = 0;
  let waitedSince: number | undefined;
  return (second: number, current: number): Partial<Demand> => {
    queue += arrivals(second);
    const done = Math.min(queue, current * perWorker);
    queue -= done;
    waitedSince = queue > 0 ? (waitedSince ?? second) : undefined;
    return {
      activeJobs: 1,
      runnable: { tasks: queue, oldestMs: 1_000 * (second - (waitedSince ?? second)) },
      slots: { busy: done, usable: perWorker, workers: current },
    };
  };
}

function turns(workers: readonly number[]): number {
  const moves = workers.map((n, i) => Math.sign(n - (workers[i - 1] ?? n))).filter((move) => move !== 0);
  return moves.filter((move, i) => i > 0 && move !== moves[i - 1]).length;
}

test("steady work finds its number of workers and stays there", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 5, max: 40 }), (rate, perWorker) => {
      const { workers } = scale(
        2_000,
        flow(perWorker, () => rate),
      );
      // Up, and once down to what it needs after the first backlog.
      expect(turns(workers)).toBeLessThanOrEqual(1);
      expect(new Set(workers.slice(-600)).size).toBe(1);
      expect(Math.min(...workers)).toBeGreaterThanOrEqual(3);
      expect(Math.max(...workers)).toBeLessThanOrEqual(25);
    }),
  );
});

test("jobs that come and go within the delay, again and again, hold one number of workers", () => {
  const round = fc.array(fc.nat(12), { minLength: 1, maxLength: DELAY_S - 1 });
  fc.assert(
    fc.property(round, (jobs) => {
      const { workers } = scale(1_000, (second) => ({ activeJobs: jobs[second % jobs.length]! }));
      expect(new Set(workers.slice(jobs.length)).size).toBe(1);
    }),
  );
});

test("whatever the jobs do, no worker is retired that was asked for within the delay, and none later than that", () => {
  const phases = fc.array(fc.record({ jobs: fc.nat(12), seconds: fc.integer({ min: 1, max: 300 }) }), {
    minLength: 1,
    maxLength: 8,
  });
  fc.assert(
    fc.property(phases, (all) => {
      const jobs = all.flatMap(({ jobs: n, seconds }) => Array<number>(seconds).fill(n));
      const law = jobs.map((activeJobs) => decideScale({ ...IDLE, ...NEW, activeJobs }).wish);
      const { workers } = scale(jobs.length, (second) => ({ activeJobs: jobs[second]! }));
      const mostOfLast = (seconds: number, second: number) =>
        Math.max(...law.slice(Math.max(0, second - seconds), second + 1));
      const isWrong = (n: number, second: number) =>
        n < mostOfLast(DELAY_S - 1, second) || n > mostOfLast(DELAY_S + 1, second);
      expect(workers.flatMap((n, second) => (isWrong(n, second) ? [{ second, n }] : []))).toEqual([]);
    }),
  );
});
test("a trickle does not hold the workers of a rush", () => {
  const { workers } = scale(
    1_000,
    flow(10, (second) => (second < 60 ? 400 : 1)),
  );
  expect(Math.max(...workers)).toBe(25);
  expect(workers.at(-1)).toBe(3);
});

test("a leader that follows another one keeps all workers until it has seen for the whole delay that they are too many", () => {
  const history = new ScaleHistory(1_000 * DELAY_S);
  const decideAt = (second: number) => {
    const now = 1_000 * second;
    const decision = decideScale({
      ...IDLE,
      ...history.at(now),
      current: 25,
      bounds,
      scaleDownDelayMs: 1_000 * DELAY_S,
    });
    history.add(now, decision, 25, 0);
    return decision.to;
  };
  const kept = Array.from({ length: DELAY_S }, (_, second) => decideAt(second));
  expect(new Set(kept)).toEqual(new Set([25]));
  expect(decideAt(DELAY_S)).toBe(3);
});

test("of a backlog that waits for its domains it is told once, after five seconds, that it asks for nobody", () => {
  const { workers, told } = scale(600, (second) => ({
    activeJobs: 1,
    pendingPages: second === 300 ? 0 : 9_000,
  }));
  expect(new Set(workers)).toEqual(new Set([3]));
  expect(told.flatMap((reason, second) => (reason === null ? [] : [[second, reason]]))).toEqual(
    [5, 306].map((second) => [
      second,
      "1 active job asks for 3 workers, 3 live; 9,000 pages wait for their domains, which more workers would not make faster",
    ]),
  );
});
