import { DEFAULT_RULE, silentLog } from "@bee/core";
import { freshRedis, type TestRedis } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startAnew } from "./gate-pace.ts";
import { Gates } from "./gates.ts";
import { gateId } from "./keys.ts";
import { openRedis, type Redis } from "./redis.ts";

let server: TestRedis;
let redis: Redis;
let gates: Gates;

beforeAll(async () => {
  server = await freshRedis();
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  gates = new Gates(redis, { deadlineMs: 2_000, log: silentLog });
  await gates.start({ begun: false });
});
afterAll(async () => {
  await gates.stop();
  redis.disconnect();
  await server.stop();
});

const SLOW = { requestsPerSecond: 1 / 600, burst: 1, concurrency: 1 };
const fast = (revision: number) => ({ rule: DEFAULT_RULE, revision });

/** Milliseconds from now to the theoretical arrival time of the domain's next request. */
async function nextInMs(domain: string): Promise<number> {
  const [seconds, micros] = await redis.time();
  const next = Number(await redis.hget(`b_${gateId(domain)}_settings`, "nextRequest"));
  return (next - Number(seconds) * 1_000_000 - Number(micros)) / 1_000;
}

test("a rule that was asked for by an answer counts from that answer, also in another process", async () => {
  await gates.pass("slowed.test", fast(1), async () => {});
  await gates.repace("slowed.test", { rule: SLOW, revision: 2 });
  const inMs = await nextInMs("slowed.test");
  expect(inMs).toBeGreaterThan(590_000);
  expect(inMs).toBeLessThanOrEqual(600_000);
  // The gate is kept for longer than that.
  expect(await redis.pttl(`b_${gateId("slowed.test")}_settings`)).toBeGreaterThan(600_000);
});

test("when the site asks for less, nobody waits for the end of what it asked for before", async () => {
  await gates.pass("eased.test", { rule: SLOW, revision: 1 }, async () => {});
  expect(await nextInMs("eased.test")).toBeGreaterThan(590_000);
  await gates.repace("eased.test", fast(2));
  // A whole burst from now: the next start is one spacing away, as after a burst.
  expect(await nextInMs("eased.test")).toBeLessThanOrEqual((5 * 1_000) / 3 + 1);
  await gates.pass("eased.test", fast(2), async () => {});
});

test("a start that somebody has by the slower pace is not overtaken", async () => {
  await gates.pass("busy.test", { rule: SLOW, revision: 1 }, async () => {
    await startAnew(redis, "busy.test", DEFAULT_RULE);
    expect(await nextInMs("busy.test")).toBeGreaterThan(590_000);
  });
});

test("where one request is made at a time, a start that came late puts off the next one", async () => {
  const rule = { requestsPerSecond: 5, burst: 1, concurrency: 1 };
  const starts: number[] = [];
  const request = async () => {
    starts.push(performance.now());
    // The second start is granted for 200 ms from now, and comes some 100 ms late.
    if (starts.length === 1) setTimeout(() => standStill(110), 190);
  };
  await Promise.all([1, 2, 3, 4].map(() => gates.pass("late.test", { rule, revision: 1 }, request)));
  const gaps = starts.slice(1).map((at, i) => at - starts[i]!);
  // Measurements of Redis's clock differ by a millisecond or two.
  expect(Math.min(...gaps)).toBeGreaterThan(195);
});

/** Does nothing else for so long, as a process that computes. */
function standStill(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test("asking for nothing new gives no second burst", async () => {
  const rule = { requestsPerSecond: 0.01, burst: 5, concurrency: 3 };
  for (let i = 0; i < 4; i++) await gates.pass("bursty.test", { rule, revision: 1 }, async () => {});
  await startAnew(redis, "bursty.test", rule);
  expect(await nextInMs("bursty.test")).toBeGreaterThan(390_000);
});
