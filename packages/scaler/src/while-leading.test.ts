import { silentLog } from "@bee/core";
import { LeaderLease, openRedis, type Redis } from "@bee/queue";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { whileLeading } from "./while-leading.ts";

let server: TestRedis;
let redis: Redis;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
});
beforeEach(async () => void (await redis.flushall()));
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

/** What a duty was asked to do. */
function duty(lease: LeaderLease) {
  const done: string[] = [];
  const begin = () => void done.push("begin");
  return { done, run: whileLeading({ begin, runOnce: async () => done.push("run") }, lease) };
}

test("a duty begins anew each time its process leads again, and not while it goes on leading", async () => {
  const [ours, others] = ["ours", "others"].map((holder) => new LeaderLease(redis, "duty", holder)) as [
    LeaderLease,
    LeaderLease,
  ];
  const { done, run } = duty(ours);
  await run();
  await run();
  await ours.leave();
  await others.hold();
  await run();
  await others.leave();
  await run();
  expect(done).toEqual(["begin", "run", "run", "begin", "run"]);
});

test("a duty that recurs seldom begins anew, too, though another held the lease only between two of its runs", async () => {
  const ours = new LeaderLease(redis, "duty", "ours");
  const others = new LeaderLease(redis, "duty", "others");
  const { done, run } = duty(ours);
  await run();
  await ours.leave();
  await others.hold();
  await others.leave();
  // Another duty of the same lease.
  await ours.hold();
  await run();
  expect(done).toEqual(["begin", "run", "begin", "run"]);
});
