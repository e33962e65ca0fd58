import { DEFAULT_RULE } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { pauseDomain, setOperatorRule } from "./domain-orders.ts";
import { getDomain, listDomains } from "./domain-views.ts";
import { setCrawlDelay, setPlatform } from "./domains.ts";
import { addPages } from "./frontier.ts";
import { claimRobots, saveRobots } from "./robots-cache.ts";
import { found, openFixture, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

test("a domain tells its rule, its pace, its jobs and what stands in its way", async () => {
  const job = await seedJob(db, { keyId, domain: "full.test" });
  await addPages(db, job, "full.test", found(5, "https://full.test/"));
  await setCrawlDelay(db, "full.test", 4);
  await setPlatform(db, "full.test", "shopify.com");
  await pauseDomain(db, "full.test");
  await sql`update domains set closed_until = now() + interval '1 hour', closed_reason = 'retry-after'
    where name = 'full.test'`.execute(db);
  expect(await getDomain(db, "full.test")).toEqual({
    name: "full.test",
    rule: { requestsPerSecond: 3, burst: 8, concurrency: 3, source: "platform" },
    pace: { requestsPerSecond: 0.25, burst: 1, concurrency: 1, reasons: ["crawl-delay"] },
    backoff: {
      share: 1,
      reason: null,
      until: expect.any(Date),
      baselineTtfbMs: null,
      recentTtfbMs: null,
    },
    platform: "shopify.com",
    crawlDelay: 4,
    pausedAt: expect.any(Date),
    closed: { reason: "retry-after", until: expect.any(Date) },
    robots: [],
    pages: { pending: 4, released: 1 },
    activeJobs: 1,
  });
});

test("a closing that is over is none", async () => {
  await setOperatorRule(db, "open.test", DEFAULT_RULE);
  await sql`update domains set closed_until = now() - interval '1 s', closed_reason = 'retry-after'
    where name = 'open.test'`.execute(db);
  expect(await getDomain(db, "open.test")).toMatchObject({
    closed: null,
    pages: { pending: 0 },
    activeJobs: 0,
  });
});

test("a domain that was never met is not there", async () => {
  expect(await getDomain(db, "nobody.test")).toBeUndefined();
});

test("a domain has the robots.txt that were read of its hosts, and of no other's", async () => {
  await setOperatorRule(db, "hosts.test", DEFAULT_RULE);
  const origins = ["http://hosts.test", "https://www.hosts.test", "https://unread.hosts.test"];
  for (const origin of origins) await claimRobots(db, origin, "hosts.test");
  await claimRobots(db, "https://nothosts.test", "nothosts.test");
  const record = { status: "found", fetchedAt: 1_000, body: "" };
  for (const origin of [...origins.slice(0, 2), "https://nothosts.test"])
    await saveRobots(db, origin, record, 60);
  const shown = { status: "found", fetchedAt: new Date(1_000), crawlDelay: null };
  expect((await getDomain(db, "hosts.test"))!.robots).toEqual([
    { origin: "http://hosts.test", ...shown },
    { origin: "https://www.hosts.test", ...shown },
  ]);
});

test("domains are listed by name, from where a list ended, and by a part of their names", async () => {
  for (const name of ["list-c.test", "list-a.test", "list-b.test"])
    await setOperatorRule(db, name, DEFAULT_RULE);
  const namesOf = async (filter: object) =>
    (await listDomains(db, { q: "list-", limit: 2, ...filter })).map(({ name }) => name);
  expect(await namesOf({})).toEqual(["list-a.test", "list-b.test"]);
  expect(await namesOf({ after: "list-b.test" })).toEqual(["list-c.test"]);
  expect(await namesOf({ q: "t-c" })).toEqual(["list-c.test"]);
  expect(await namesOf({ q: "%" })).toEqual([]);
});
