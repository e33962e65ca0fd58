import { DEFAULT_RULE } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import {
  dropOperatorRule,
  listPausedDomains,
  pauseDomain,
  resumeDomain,
  setOperatorRule,
} from "./domain-orders.ts";
import { ensureDomain } from "./domains.ts";
import { dueExpansions } from "./expansion-turns.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { insertJob } from "./insert-job.ts";
import { beginExpansion, finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { listAsleep } from "./reconcile.ts";
import { readRule } from "./rule-in-force.ts";
import { settle } from "./settle.ts";
import { found, OPTIONS, openFixture, resultOf, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const SLOW = { requestsPerSecond: 1, burst: 1, concurrency: 1 };
const DEFAULT = { ...DEFAULT_RULE, source: "default" } as const;

test("an operator's rule may come before the first job, and the job does not change it", async () => {
  const { inForce } = await setOperatorRule(db, "early.test", SLOW);
  expect(inForce).toEqual({ rule: SLOW, revision: 1 });
  await ensureDomain(db, "early.test", DEFAULT);
  expect(await readRule(db, "early.test")).toEqual({ rule: SLOW, revision: 1 });
});

test("a rule is a new revision only where it is another one", async () => {
  await ensureDomain(db, "again.test", DEFAULT);
  expect((await setOperatorRule(db, "again.test", SLOW)).inForce.revision).toBe(2);
  expect((await setOperatorRule(db, "again.test", SLOW)).inForce.revision).toBe(2);
  // The same numbers, but nobody changes them any more.
  await ensureDomain(db, "same.test", DEFAULT);
  await setOperatorRule(db, "same.test", DEFAULT_RULE);
  await ensureDomain(db, "same.test", { ...SLOW, source: "owner" });
  expect((await readRule(db, "same.test"))!.rule).toEqual(DEFAULT_RULE);
});

test("a rule that is taken back gives way to what holds without it, and only an operator's is", async () => {
  await setOperatorRule(db, "back.test", SLOW);
  const back = { requestsPerSecond: 2, burst: 5, concurrency: 2, source: "platform" } as const;
  expect((await dropOperatorRule(db, "back.test", back)).inForce).toMatchObject({
    rule: { requestsPerSecond: 2 },
    revision: 2,
  });
  expect((await dropOperatorRule(db, "back.test", DEFAULT)).inForce.revision).toBe(2);
});

test("a faster rule releases what its window has room for", async () => {
  const job = await seedJob(db, { keyId, domain: "wider.test", rule: SLOW });
  const { release } = await addPages(db, job, "wider.test", found(20, "https://wider.test/"));
  await settle(
    db,
    release.visits.map(({ task }) => resultOf(task)),
  );
  const ordered = await setOperatorRule(db, "wider.test", { ...SLOW, requestsPerSecond: 4, concurrency: 5 });
  expect(ordered.release.visits.length).toBeGreaterThan(3);
  for (const { task } of ordered.release.visits) {
    expect(task).toMatchObject({ rule: ordered.inForce.rule, ruleRevision: ordered.inForce.revision });
  }
});

test("of a paused domain no page is released and no job expanded until it is resumed", async () => {
  const domain = "paused.test";
  const job = await seedJob(db, { keyId, domain });
  const { release } = await addPages(db, job, domain, found(9, "https://paused.test/"));
  await pauseDomain(db, domain);
  expect(await listPausedDomains(db)).toEqual([domain]);
  const batch = release.visits.map(({ task }) => resultOf(task));
  expect((await settle(db, batch)).release.visits).toEqual([]);
  expect((await releaseDomain(db, domain)).visits).toEqual([]);
  expect(await getJob(db, job)).toMatchObject({ domainPaused: true, counts: { pending: 8, released: 0 } });
  expect((await listAsleep(db, 1_000)).map((wake) => wake.domain)).not.toContain(domain);

  const domainId = await ensureDomain(db, domain, DEFAULT);
  const waiting = { keyId, url: `https://${domain}/`, domainId, region: "default", options: OPTIONS };
  const { id } = await insertJob(db, { ...waiting, tier: "high", webhookUrl: null, idempotency: null });
  expect(await dueExpansions(db, [domainId])).toEqual([]);
  expect(await beginExpansion(db, id)).toBeUndefined();

  const resumed = await resumeDomain(db, domain);
  expect(resumed.release.visits.length).toBeGreaterThan(0);
  expect(resumed.release.expansions.map((due) => due.job)).toContain(id);
  expect(await listPausedDomains(db)).toEqual([]);
});

test("a job of a domain that was paused completes after it is resumed, with every page counted once", async () => {
  const domain = "whole.test";
  const job = await seedJob(db, { keyId, domain });
  const begun = await addPages(db, job, domain, found(3, "https://whole.test/"));
  await finishExpansion(db, job, domain, []);
  await pauseDomain(db, domain);
  await pauseDomain(db, domain);
  const resumed = await resumeDomain(db, domain);
  let visits = [...begun.release.visits, ...resumed.release.visits].map(({ task }) => resultOf(task));
  while (visits.length > 0) {
    const { release } = await settle(db, visits);
    visits = release.visits.map(({ task }) => resultOf(task));
  }
  expect(await getJob(db, job)).toMatchObject({ status: "completed", counts: { total: 3, succeeded: 3 } });
});
