import { silentLog, type VisitTask } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { QueueAge } from "./queue-age.ts";
import { Queues } from "./queues.ts";
import { openRedis, type Redis } from "./redis.ts";
import { USUAL_VISIT } from "./testing/visit.ts";

let server: TestRedis;
let redis: Redis;
let queues: Queues;
let now = 0;
let age: QueueAge;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new Queues(redis, "default", "general");
});
beforeEach(async () => {
  await redis.flushall();
  now = 0;
  age = new QueueAge(queues, () => now);
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await server.stop();
});

const add = (page: string, tier: VisitTask["tier"] = "low", delayMs = 0) =>
  queues.addVisits([{ task: { ...USUAL_VISIT, page, tier }, delayMs }]);
/** What a worker does that takes the oldest task. */
const take = (tier: string) => redis.rpop(`{bee}:${tier}:wait`);

async function readAt(ms: number) {
  now = ms;
  return age.read();
}

test("nothing waits in empty queues", async () => {
  expect(await readAt(0)).toEqual({ tasks: 0, oldestMs: 0 });
});

test("a task that stays has waited since it was first seen, whatever comes after it", async () => {
  await add("1");
  await readAt(0);
  await add("2");
  expect(await readAt(4_000)).toEqual({ tasks: 2, oldestMs: 4_000 });
});

test("a queue that is long and goes on is not old", async () => {
  for (const page of ["1", "2", "3"]) await add(page);
  await readAt(0);
  for (const page of ["4", "5", "6"]) await add(page);
  for (let i = 0; i < 3; i++) await take("low");
  expect(await readAt(4_000)).toEqual({ tasks: 3, oldestMs: 0 });
  expect(await readAt(6_000)).toEqual({ tasks: 3, oldestMs: 2_000 });
});

test("the queue that waits longest counts", async () => {
  await add("1", "high");
  await readAt(0);
  await add("2", "low");
  await readAt(1_000);
  expect(await readAt(3_000)).toEqual({ tasks: 2, oldestMs: 3_000 });
  await take("high");
  expect(await readAt(4_000)).toEqual({ tasks: 1, oldestMs: 3_000 });
});

test("a task that is held back for its domain does not wait for a slot", async () => {
  await add("1", "low", 60_000);
  await readAt(0);
  expect(await readAt(30_000)).toEqual({ tasks: 0, oldestMs: 0 });
});
