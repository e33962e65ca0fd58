import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { NO_PAST, readPasts } from "./domain-past.ts";
import { settle } from "./settle.ts";
import { OK, openFixture, resultOf, SEEN, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** A job whose pages answered after these times, in a region. */
async function runJob(domain: string, region: string, times: readonly number[]): Promise<string> {
  const { job, tasks } = await startJob(db, {
    keyId,
    domain,
    pages: times.length,
    options: { maxPages: 100 },
  });
  await db.updateTable("jobs").set({ region }).where("id", "=", job).execute();
  let waiting = tasks;
  for (const ttfbMs of times) {
    const { release } = await settle(db, [
      resultOf(waiting[0]!, { ...OK, seen: { ...SEEN, ttfbMs } } as typeof OK),
    ]);
    waiting = [...waiting.slice(1), ...release.visits.map(({ task }) => task)];
  }
  return job;
}

const pastOf = async (domain: string) => (await readPasts(db, [domain])).get(domain);

test("a domain without a job has no past", async () => {
  expect(await pastOf("new.test")).toEqual(NO_PAST);
});

test("each region tells the median of the last job there; the largest job tells how many pages there are", async () => {
  await runJob("known.test", "eu", [900, 900, 900]);
  await runJob("known.test", "eu", [100, 80, 5_000]);
  await runJob("known.test", "us", [200, 220, 210, 230, 190]);
  expect(await pastOf("known.test")).toEqual({
    firstBytes: new Map([
      ["eu", 100],
      ["us", 210],
    ]),
    largest: { total: 5, maxPages: 100 },
  });
});

test("a job that has not ended well says nothing", async () => {
  const job = await runJob("cancelled.test", "eu", [100, 100]);
  await db.updateTable("jobs").set({ status: "cancelled" }).where("id", "=", job).execute();
  expect(await pastOf("cancelled.test")).toEqual(NO_PAST);
});

test("several domains are read at once", async () => {
  await runJob("other.test", "ap", [70]);
  const pasts = await readPasts(db, ["known.test", "other.test", "new.test"]);
  expect(pasts.get("other.test")?.firstBytes).toEqual(new Map([["ap", 70]]));
  expect(pasts.get("known.test")?.firstBytes.size).toBe(2);
  expect(pasts.get("new.test")).toEqual(NO_PAST);
});
