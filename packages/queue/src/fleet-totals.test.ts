import { silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { countDecision, countNames, readTotals, tellCounts } from "./fleet-totals.ts";
import { openRedis, type Redis } from "./redis.ts";

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
});
beforeEach(async () => {
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const WARMED = countNames.visits("ok", "warmed");

async function tell(worker: string, value: number, told: number): Promise<void> {
  const multi = redis.multi();
  tellCounts(multi, worker, [{ name: WARMED, value, told }]);
  await multi.exec();
}

const warmed = async () =>
  (await readTotals(redis)).visits.find(({ cache }) => cache === "warmed")?.count ?? 0;

test("what several workers tell is added up, each visit once, however often it is told", async () => {
  await tell("a", 5, 0);
  await tell("b", 2, 0);
  // The reply to the first was lost: the worker does not know that it told five.
  await tell("a", 8, 0);
  await tell("a", 8, 8);
  expect(await warmed()).toBe(10);
});

test("a worker that was silent for so long that it is forgotten tells only what is new", async () => {
  await tell("a", 5, 0);
  await redis.del("{bee}:told:a");
  await tell("a", 7, 5);
  expect(await warmed()).toBe(7);
});

test("what a worker told stays when it is gone", async () => {
  await tell("a", 5, 0);
  await redis.del("{bee}:told:a");
  await tell("b", 1, 0);
  expect(await warmed()).toBe(6);
});

test("a Redis that lost its data counts anew, and nothing twice", async () => {
  await tell("a", 1_000, 0);
  await redis.flushall();
  await tell("a", 1_003, 1_000);
  expect(await warmed()).toBe(3);
});

test("times come back in their steps, and decisions by their direction", async () => {
  const multi = redis.multi();
  tellCounts(multi, "a", [
    { name: countNames.times("responses", 3), value: 4, told: 0 },
    { name: countNames.timesSum("responses"), value: 320, told: 0 },
    { name: countNames.times("tasks", 12), value: 1, told: 0 },
  ]);
  await multi.exec();
  await countDecision(redis, "up");
  await countDecision(redis, "up");
  await countDecision(redis, "down");
  const { responses, tasks, decisions } = await readTotals(redis);
  expect([responses.counts[3], responses.sumMs, tasks.counts[12]]).toEqual([4, 320, 1]);
  expect(decisions).toEqual({ up: 2, down: 1 });
});
