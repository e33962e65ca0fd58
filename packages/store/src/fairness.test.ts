import { NOTHING_SEEN, TIERS, type Tier } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import type { Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import type { ReleasedVisit } from "./release.ts";
import { settle } from "./settle.ts";
import { found, OK, openFixture, resultOf, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
let domains = 0;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** A domain slower than 1/s has a window of one page, so the order of the releases is the order of the decisions. */
const ONE_BY_ONE = { requestsPerSecond: 0.5, burst: 1, concurrency: 1 };

interface Ask {
  readonly tier: Tier;
  readonly pages: number;
}

/** Which job's page is released each time, until nothing is left; the first release came before all others asked. */
async function orderOf(asks: readonly Ask[]): Promise<number[]> {
  const domain = `fair-${domains++}.test`;
  const jobs: string[] = [];
  let visits: ReleasedVisit[] = [];
  for (const { tier, pages } of asks) {
    const job = await seedJob(db, { keyId, domain, tier, rule: ONE_BY_ONE });
    jobs.push(job);
    const { release } = await addPages(db, job, domain, found(pages, `https://${domain}/${jobs.length}/`));
    visits.push(...release.visits);
  }
  const order: number[] = [];
  while (visits.length > 0) {
    const [{ task }] = visits as [(typeof visits)[number]];
    order.push(jobs.indexOf(task.job));
    const { release } = await settle(db, [resultOf(task)]);
    visits = [...release.visits];
  }
  return order.slice(1);
}

test("whatever the jobs of a domain are: a higher tier goes first, and equal tiers take turns until one has no page left", async () => {
  const ask = fc.record({ tier: fc.constantFrom(...TIERS), pages: fc.integer({ min: 1, max: 6 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(ask, { minLength: 1, maxLength: 5 }), async (asks) => {
      const order = await orderOf(asks);
      const left = asks.map(({ pages }, job) => (job === 0 ? pages - 1 : pages));
      // The first job had its first turn before the others asked.
      const turns = asks.map((_, job) => (job === 0 ? 1 : 0));
      for (const job of order) {
        const rivals = [...asks.keys()].filter((other) => left[other]! > 0);
        const urgency = (other: number) => TIERS.indexOf(asks[other]!.tier);
        expect(urgency(job)).toBe(Math.min(...rivals.map(urgency)));
        const equals = rivals.filter((other) => asks[other]!.tier === asks[job]!.tier);
        // Nobody gets a turn while an equal has had fewer.
        expect(turns[job]).toBe(Math.min(...equals.map((other) => turns[other]!)));
        turns[job]! += 1;
        left[job]! -= 1;
      }
      expect(left).toEqual(asks.map(() => 0));
    }),
    { numRuns: 40 },
  );
});

test("proofs that are due go before new pages, but for the last new ones, whose own proofs are still to come", async () => {
  const domain = "last.test";
  const job = await seedJob(db, { keyId, domain, rule: ONE_BY_ONE });
  const { release } = await addPages(db, job, domain, found(7, `https://${domain}/`));
  const missed = { type: "prove", delayMs: 0, seen: NOTHING_SEEN } as const;
  const order: string[] = [];
  for (let [visit] = release.visits; visit !== undefined; ) {
    const { task } = visit;
    order.push(task.visit);
    [visit] = (await settle(db, [resultOf(task, task.visit === "warm" ? missed : OK)])).release.visits;
  }
  const [first, last] = [order.slice(0, 5), order.slice(5)];
  expect(first).toEqual(["warm", "prove", "warm", "prove", "warm"]);
  expect(last).toEqual([...Array(4).fill("warm"), ...Array(5).fill("prove")]);
});
