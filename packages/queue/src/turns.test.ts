import { silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { turnsKey } from "./keys.ts";
import { openRedis, type Redis } from "./redis.ts";
import { giveTurnBack, takeTurn } from "./turns.ts";

let store: TestRedis;
let redis: Redis;
beforeAll(async () => {
  store = await freshRedis();
  redis = openRedis({ url: store.url, name: "test", log: silentLog });
});
afterAll(async () => {
  redis.disconnect();
  await store.stop();
});

test("turns are counted for each one apart, until the window ends", async () => {
  const one = await Promise.all([1, 2, 3].map(() => takeTurn(redis, "one", 60_000)));
  expect(one.map(({ taken }) => taken)).toEqual([1, 2, 3]);
  expect((await takeTurn(redis, "other", 60_000)).taken).toBe(1);
  const { resetMs } = await takeTurn(redis, "one", 60_000);
  expect(resetMs).toBeGreaterThan(0);
  expect(resetMs).toBeLessThanOrEqual(60_000);
  await redis.pexpire(turnsKey("one"), 0);
  expect((await takeTurn(redis, "one", 60_000)).taken).toBe(1);
});

test("a counter that has no end gets one", async () => {
  await redis.set(turnsKey("endless"), 5);
  expect(await takeTurn(redis, "endless", 1_000)).toEqual({ taken: 6, resetMs: 1_000 });
  expect(await redis.pttl(turnsKey("endless"))).toBeGreaterThan(0);
});

test("a turn that is given back was not taken, and of none there is nothing to give", async () => {
  await takeTurn(redis, "kind", 60_000);
  await takeTurn(redis, "kind", 60_000);
  await giveTurnBack(redis, "kind");
  expect((await takeTurn(redis, "kind", 60_000)).taken).toBe(2);
  await giveTurnBack(redis, "nobody");
  expect((await takeTurn(redis, "nobody", 60_000)).taken).toBe(1);
});
