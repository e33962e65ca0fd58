import { DEFAULT_RULE } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { setCrawlDelay } from "./domains.ts";
import { addPages } from "./frontier.ts";
import { cancelJob, pauseJob, resumeJob, retryJob } from "./job-orders.ts";
import { failJob, finishExpansion } from "./job-transitions.ts";
import { createKey } from "./keys.ts";
import { readRule } from "./rule-in-force.ts";
import { settle } from "./settle.ts";
import { found, openFixture, resultOf, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let premiumKey: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
  premiumKey = (await createKey(db, "paying", "premium")).key.id;
});
afterAll(() => close());

const rateOf = async (domain: string) => (await readRule(db, domain))!.rule.requestsPerSecond;
const seedPremium = (domain: string) => seedJob(db, { keyId: premiumKey, domain });

test("while a premium job is active the rate of its domain is doubled, and burst and places are not", async () => {
  const domain = "doubled.test";
  await seedJob(db, { keyId, domain });
  expect(await readRule(db, domain)).toEqual({ rule: DEFAULT_RULE, revision: 1 });
  const job = await seedPremium(domain);
  expect(await readRule(db, domain)).toEqual({
    rule: { ...DEFAULT_RULE, requestsPerSecond: 6 },
    revision: 2,
  });
  await cancelJob(db, { id: job, domain });
  expect(await readRule(db, domain)).toEqual({ rule: DEFAULT_RULE, revision: 3 });
});

test("the tasks released meanwhile carry the doubled rule", async () => {
  const domain = "tasks.test";
  const job = await seedPremium(domain);
  const { release } = await addPages(db, job, domain, found(3, "https://tasks.test/"));
  expect(release.visits[0]!.task).toMatchObject({ rule: { requestsPerSecond: 6 }, ruleRevision: 2 });
});

test("it ends when the last premium job has ended, and not with the first one", async () => {
  const domain = "last.test";
  const [first, second] = [await seedPremium(domain), await seedPremium(domain)];
  await failJob(db, first, domain, "its robots.txt cannot be read");
  expect(await rateOf(domain)).toBe(6);
  const { release } = await addPages(db, second, domain, found(1, "https://last.test/"));
  await finishExpansion(db, second, domain, []);
  expect(await rateOf(domain)).toBe(6);
  const { completedJobs } = await settle(
    db,
    release.visits.map(({ task }) => resultOf(task)),
  );
  expect(completedJobs).toEqual([second]);
  expect(await rateOf(domain)).toBe(3);
});

test("what is released by the transaction that ends the last premium job goes at the domain's own rate", async () => {
  const domain = "handover.test";
  const [other, paid] = [await seedJob(db, { keyId, domain }), await seedPremium(domain)];
  const { release } = await addPages(db, paid, domain, found(1, "https://handover.test/paid-"));
  await addPages(db, other, domain, found(9, "https://handover.test/"));
  await finishExpansion(db, paid, domain, []);
  const batch = release.visits.map(({ task }) => resultOf(task));
  const { completedJobs, release: next } = await settle(db, batch);
  expect(completedJobs).toEqual([paid]);
  expect(next.visits.length).toBeGreaterThan(0);
  for (const { task } of next.visits) {
    expect({ rule: task.rule, revision: task.ruleRevision }).toEqual(await readRule(db, domain));
    expect(task.rule).toEqual(DEFAULT_RULE);
  }
});

test("it ends with a pause, and begins again when the job is resumed or run again", async () => {
  const domain = "orders.test";
  const job = { id: await seedPremium(domain), domain };
  await pauseJob(db, job);
  expect(await rateOf(domain)).toBe(3);
  await resumeJob(db, job);
  expect(await rateOf(domain)).toBe(6);
  await failJob(db, job.id, domain, "no robots.txt");
  expect(await rateOf(domain)).toBe(3);
  await retryJob(db, job);
  expect(await rateOf(domain)).toBe(6);
});

test("it goes no faster than the domain's robots.txt allows", async () => {
  const domain = "delayed.test";
  await seedPremium(domain);
  await setCrawlDelay(db, domain, 2);
  expect(await rateOf(domain)).toBe(0.5);
});
