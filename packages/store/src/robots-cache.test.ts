import { DEFAULT_RULE } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import {
  claimRobots,
  dropRobotsClaim,
  keepRobotsClaim,
  noteCrawlDelay,
  readRobots,
  saveRobots,
} from "./robots-cache.ts";
import { readRule } from "./rule-in-force.ts";
import { openFixture } from "./testing/fixtures.ts";

let db: Database;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, close } = await openFixture());
});
afterAll(() => close());

const RECORD = { status: "found" };

/** Lets time pass for an origin's row. */
async function age(origin: string, seconds: number): Promise<void> {
  await sql`
    update robots set expires_at = expires_at - make_interval(secs => ${seconds}),
      fetching_until = fetching_until - make_interval(secs => ${seconds})
    where origin = ${origin}`.execute(db);
}

/** Saves the robots.txt of a host of `domain`. */
async function save(domain: string, host: string, crawlDelay: number | null): Promise<void> {
  const origin = `https://${host}`;
  await claimRobots(db, origin, domain);
  await noteCrawlDelay(db, { origin, domain }, crawlDelay);
  await saveRobots(db, origin, RECORD, 3_600);
}

async function paceOf(domain: string): Promise<number> {
  return (await readRule(db, domain))!.rule.requestsPerSecond;
}

test("of many who want to fetch a robots.txt at once, one may", async () => {
  const origin = "https://claimed.test";
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimRobots(db, origin, "claimed.test")));
  expect(claims.filter((claimed) => claimed)).toHaveLength(1);
  expect(await readRobots(db, origin)).toEqual({ record: null, freshForMs: 0, fetching: true });
});

test("nobody fetches one that is fresh, and one fetches it when it is not", async () => {
  const origin = "https://fresh.test";
  await save("fresh.test", "fresh.test", null);
  expect(await claimRobots(db, origin, "fresh.test")).toBe(false);
  await age(origin, 3_601);
  expect(await readRobots(db, origin)).toEqual({ record: RECORD, freshForMs: 0, fetching: false });
  const claims = await Promise.all([1, 2, 3].map(() => claimRobots(db, origin, "fresh.test")));
  expect(claims.filter((claimed) => claimed)).toHaveLength(1);
});

test("who dies while fetching holds up the others for twenty seconds, who gives up for none", async () => {
  const origin = "https://dead.test";
  await claimRobots(db, origin, "dead.test");
  await age(origin, 19);
  expect(await claimRobots(db, origin, "dead.test")).toBe(false);
  await age(origin, 1);
  expect(await claimRobots(db, origin, "dead.test")).toBe(true);
  await age(origin, 19);
  await keepRobotsClaim(db, origin);
  await age(origin, 19);
  expect(await claimRobots(db, origin, "dead.test")).toBe(false);
  await dropRobotsClaim(db, origin);
  expect(await claimRobots(db, origin, "dead.test")).toBe(true);
});

test("of the Crawl-delays of a domain's hosts the longest holds, whoever is read last", async () => {
  await ensureDomain(db, "slow.test", { ...DEFAULT_RULE, source: "default" });
  await save("slow.test", "slow.test", 5);
  await save("slow.test", "www.slow.test", 2);
  expect(await paceOf("slow.test")).toBe(0.2);
  const hosts = ["a", "b", "c", "d"].map((name, i) => save("slow.test", `${name}.slow.test`, 6 + i));
  await Promise.all(hosts);
  expect(await paceOf("slow.test")).toBe(1 / 9);
});

test("the pace is slower before anybody can read why", async () => {
  const origin = "https://first.test";
  await ensureDomain(db, "first.test", { ...DEFAULT_RULE, source: "default" });
  await claimRobots(db, origin, "first.test");
  expect(await noteCrawlDelay(db, { origin, domain: "first.test" }, 5)).toBe(true);
  expect(await paceOf("first.test")).toBe(0.2);
  expect(await readRobots(db, origin)).toMatchObject({ record: null, freshForMs: 0 });
});

test("a Crawl-delay that is taken out, or that of a host which nobody asks any more, holds no more", async () => {
  await ensureDomain(db, "eased.test", { ...DEFAULT_RULE, source: "default" });
  await save("eased.test", "eased.test", 5);
  await save("eased.test", "old.eased.test", 50);
  await age("https://old.eased.test", 3_600 + 86_401);
  await save("eased.test", "eased.test", 4);
  expect(await paceOf("eased.test")).toBe(0.25);
  await save("eased.test", "eased.test", null);
  expect(await paceOf("eased.test")).toBe(DEFAULT_RULE.requestsPerSecond);
});
