import type { Tier } from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import { dueExpansions } from "./expansion-turns.ts";
import { insertJob } from "./insert-job.ts";
import { cancelJob, pauseJob, resumeJob } from "./job-orders.ts";
import { beginExpansion, failJob, finishExpansion } from "./job-transitions.ts";
import type { Release } from "./release.ts";
import { OPTIONS, openFixture } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

let domains = 0;

/** A domain of its own, with jobs of these tiers, in this order, none of which has begun. */
async function submit(...tiers: Tier[]) {
  const domain = `turns-${domains++}.test`;
  const rule = { requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" } as const;
  const domainId = await ensureDomain(db, domain, rule);
  const ids: string[] = [];
  for (const tier of tiers) {
    const job = { keyId, url: `https://${domain}/`, domainId, tier, region: "default", options: OPTIONS };
    ids.push((await insertJob(db, { ...job, webhookUrl: null, idempotency: null })).id);
  }
  return { domain, domainId, ids };
}

const due = async (domainId: number) => (await dueExpansions(db, [domainId])).map(({ job }) => job);

test("of a domain's jobs the oldest of each tier is due", async () => {
  const { domainId, ids } = await submit("low", "low", "high", "high", "low");
  expect((await due(domainId)).sort()).toEqual([ids[0], ids[2]].sort());
});

test("domains do not wait for each other", async () => {
  const [one, two] = [await submit("normal"), await submit("normal")];
  const jobs = (await dueExpansions(db)).map(({ job }) => job);
  expect(jobs).toEqual(expect.arrayContaining([...one.ids, ...two.ids]));
});

test("the expansion that has begun keeps its turn when an older job comes back", async () => {
  const { domain, domainId, ids } = await submit("normal", "normal");
  await pauseJob(db, { id: ids[0]!, domain });
  await beginExpansion(db, ids[1]!);
  await resumeJob(db, { id: ids[0]!, domain });
  expect(await due(domainId)).toEqual([ids[1]]);
});

describe("the turn passes on, in the transaction, when the job before", () => {
  const ways: [string, (id: string, domain: string) => Promise<Release>][] = [
    ["is expanded", (id, domain) => finishExpansion(db, id, domain, [])],
    ["fails", (id, domain) => failJob(db, id, domain, "no robots.txt")],
    ["is cancelled", async (id, domain) => (await cancelJob(db, { id, domain })).release],
    ["is paused", async (id, domain) => (await pauseJob(db, { id, domain })).release],
  ];
  test.each(ways)("%s", async (_, end) => {
    const { domain, ids } = await submit("normal", "normal", "low");
    await beginExpansion(db, ids[0]!);
    const { expansions } = await end(ids[0]!, domain);
    expect(expansions).toEqual([
      { job: ids[1], domain, tier: "normal", region: "default", workerClass: "general" },
      { job: ids[2], domain, tier: "low", region: "default", workerClass: "general" },
    ]);
  });
});
