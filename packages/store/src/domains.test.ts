import type { SourcedRule } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { ensureDomain, setCrawlDelay, setPlatform } from "./domains.ts";
import { holdDomains } from "./hold-domains.ts";
import { readRule } from "./rule-in-force.ts";
import { openFixture, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const RULE: SourcedRule = { requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" };

test("the same rule again changes nothing, another one is a new revision", async () => {
  const id = await ensureDomain(db, "rule.test", RULE);
  expect(await ensureDomain(db, "rule.test", RULE)).toBe(id);
  expect(await readRule(db, "rule.test")).toMatchObject({ revision: 1 });
  await ensureDomain(db, "rule.test", { ...RULE, requestsPerSecond: 9, source: "owner" });
  expect(await readRule(db, "rule.test")).toMatchObject({ revision: 2, rule: { requestsPerSecond: 9 } });
});

test("an operator's rule stays", async () => {
  await ensureDomain(db, "operator.test", { ...RULE, requestsPerSecond: 1, source: "operator" });
  await ensureDomain(db, "operator.test", RULE);
  expect((await readRule(db, "operator.test"))!.rule.requestsPerSecond).toBe(1);
});

test("many at once make one domain", async () => {
  const ids = await Promise.all(Array.from({ length: 8 }, () => ensureDomain(db, "race.test", RULE)));
  expect(new Set(ids).size).toBe(1);
});

test("a crawl delay slows the rule in force, once", async () => {
  await ensureDomain(db, "delay.test", RULE);
  await setCrawlDelay(db, "delay.test", 2);
  await setCrawlDelay(db, "delay.test", 2);
  expect(await readRule(db, "delay.test")).toEqual({
    rule: { requestsPerSecond: 0.5, burst: 1, concurrency: 1 },
    revision: 2,
  });
});

test("a job is submitted while somebody holds its domain", async () => {
  await ensureDomain(db, "busy.test", RULE);
  await db.transaction().execute(async (tx) => {
    await holdDomains(tx, ["busy.test"]);
    await seedJob(db, { keyId, domain: "busy.test" });
  });
});

test("the platform behind a domain brings its rule, once", async () => {
  await ensureDomain(db, "shop.test", RULE);
  const changed = await setPlatform(db, "shop.test", "shopify.com");
  expect(changed).toEqual({ rule: { requestsPerSecond: 3, burst: 8, concurrency: 3 }, revision: 2 });
  expect(await setPlatform(db, "shop.test", "shopify.com")).toBeUndefined();
  // The next job knows only the name.
  await ensureDomain(db, "shop.test", RULE);
  expect(await readRule(db, "shop.test")).toMatchObject({ rule: { burst: 8 }, revision: 2 });
  await ensureDomain(db, "shop.test", { ...RULE, requestsPerSecond: 9, source: "owner" });
  expect(await readRule(db, "shop.test")).toMatchObject({ rule: { requestsPerSecond: 9 }, revision: 3 });
});

test.each(["operator", "owner"] as const)("the rule of the %s goes before the platform's", async (source) => {
  const name = `${source}-shop.test`;
  await ensureDomain(db, name, { ...RULE, source });
  expect(await setPlatform(db, name, "wordpress.com")).toBeUndefined();
  expect(await readRule(db, name)).toMatchObject({ rule: { requestsPerSecond: 3 }, revision: 1 });
});

test("a platform speeds no domain up beyond its Crawl-delay", async () => {
  await ensureDomain(db, "slow-shop.test", RULE);
  await setCrawlDelay(db, "slow-shop.test", 1);
  const changed = await setPlatform(db, "slow-shop.test", "wordpress.com");
  expect(changed!.rule).toEqual({ requestsPerSecond: 1, burst: 1, concurrency: 1 });
});

test("a domain that has no job has no platform", async () => {
  expect(await setPlatform(db, "foreign.test", "webflow.io")).toBeUndefined();
});
