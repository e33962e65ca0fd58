import { type RateRule, silentLog } from "@bee/core";
import { freshRedis, mostInFlight, type TestRedis, worstExcess } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { announceRule } from "./control-channel.ts";
import { Gates } from "./gates.ts";
import { openRedis, type Redis } from "./redis.ts";

let server: TestRedis;
const open: { gates: Gates; redis: Redis }[] = [];

beforeAll(async () => {
  server = await freshRedis();
});
afterEach(async () => {
  for (const { gates, redis } of open.splice(0)) {
    await gates.stop();
    redis.disconnect();
  }
});
afterAll(() => server.stop());

/** The gates of one more process of the fleet. */
async function join({ begun = false } = {}): Promise<Gates> {
  const redis = openRedis({ url: server.url, name: "test", log: silentLog });
  const gates = new Gates(redis, { deadlineMs: DEADLINE_MS, log: silentLog });
  await gates.start({ begun });
  open.push({ gates, redis });
  return gates;
}

/**
 * What two processes' measurements of Redis's clock may differ by, and how late a start may be whose followers are on time
 * all the same; not how late the machine is: a start that is later asks for another turn.
 */
const JITTER_MS = 5;
const SPREAD_MS = 25;

const DEADLINE_MS = 2_000;

interface Span {
  startedAt: number;
  endedAt: number;
}

/** Makes requests of 40 ms through some processes' gates at once, and says when each was under way. */
async function request(processes: Gates[], domain: string, rule: RateRule, count: number): Promise<Span[]> {
  const spans: Span[] = [];
  const one = async (gates: Gates) => {
    await gates.pass(domain, { rule, revision: 1 }, async () => {
      const span = { startedAt: performance.now(), endedAt: Number.POSITIVE_INFINITY };
      spans.push(span);
      await new Promise((resolve) => setTimeout(resolve, 40));
      span.endedAt = performance.now();
    });
  };
  await Promise.all(Array.from({ length: count }, (_, i) => one(processes[i % processes.length]!)));
  return spans.sort((a, b) => a.startedAt - b.startedAt);
}

describe("three processes at one gate", () => {
  test("keep to r·T + b and to c together, and use the pace", async () => {
    const rule = { requestsPerSecond: 3, burst: 5, concurrency: 3 };
    const processes = [await join(), await join(), await join()];
    const spans = await request(processes, "paced.test", rule, 15);
    expect(worstExcess(spans, rule, JITTER_MS)).toBeLessThanOrEqual(0);
    expect(mostInFlight(spans)).toBeLessThanOrEqual(3);
    const seconds = (spans.at(-1)!.startedAt - spans[0]!.startedAt) / 1_000;
    expect(seconds).toBeLessThan(1.5 * ((15 - 5) / 3));
  });

  test("a burst of one spaces every start", async () => {
    const rule = { requestsPerSecond: 25, burst: 1, concurrency: 4 };
    const spans = await request([await join(), await join()], "spaced.test", rule, 12);
    expect(worstExcess(spans, rule, JITTER_MS + SPREAD_MS)).toBeLessThanOrEqual(0);
  });

  test("a clock that is a minute ahead opens nothing early", async () => {
    const rule = { requestsPerSecond: 20, burst: 3, concurrency: 2 };
    const processes = [await join(), await join()];
    const now = Date.now;
    Date.now = () => now() + 60_000;
    try {
      const spans = await request(processes, "clock.test", rule, 20);
      expect(worstExcess(spans, rule, JITTER_MS)).toBeLessThanOrEqual(0);
      expect(mostInFlight(spans)).toBeLessThanOrEqual(2);
    } finally {
      Date.now = now;
    }
  });
});

test("a process that knows only the slower rule has no more of a burst than the faster one allows", async () => {
  const slow = { requestsPerSecond: 1, burst: 5, concurrency: 20 };
  const fast = { requestsPerSecond: 50, burst: 5, concurrency: 20 };
  const [informed, late] = [await join(), await join()];
  await late.pass("faster.test", { rule: slow, revision: 1 }, async () => {});
  for (let i = 0; i < 20; i++)
    await informed.pass("faster.test", { rule: fast, revision: 2 }, async () => {});
  const spans = await request([late], "faster.test", slow, 20);
  expect(worstExcess(spans, fast, JITTER_MS)).toBeLessThanOrEqual(0);
});

describe("a gate recovers", () => {
  const rule = { requestsPerSecond: 50, burst: 5, concurrency: 5 };

  test("from a Redis that lost everything, without a second burst", async () => {
    const processes = [await join(), await join()];
    const before = await request(processes, "flushed.test", rule, 8);
    await open[0]!.redis.flushall();
    const late = await join({ begun: true });
    const after = await request([...processes, late], "flushed.test", rule, 8);
    expect(worstExcess([...before, ...after], rule, JITTER_MS)).toBeLessThanOrEqual(0);
    // Held until every request that Redis forgot must have ended.
    expect(after[0]!.startedAt - before.at(-1)!.startedAt).toBeGreaterThan(DEADLINE_MS - JITTER_MS);
  }, 20_000);

  test("to a Redis that is new, when the fleet has worked before", async () => {
    await join();
    await open[0]!.redis.flushall();
    const started = performance.now();
    const gates = await join({ begun: true });
    await request([gates], "renewed.test", rule, 1);
    expect(performance.now() - started).toBeGreaterThan(DEADLINE_MS - JITTER_MS);
  });

  test("from scripts that were forgotten", async () => {
    const gates = await join();
    await request([gates], "scripts.test", rule, 3);
    await open[0]!.redis.script("FLUSH");
    expect(await request([gates], "scripts.test", rule, 6)).toHaveLength(6);
  });

  test("from a process that died inside: its place is free after the deadline", async () => {
    const one = { requestsPerSecond: 50, burst: 1, concurrency: 1 };
    const dead = await join();
    const { promise: inside, resolve } = Promise.withResolvers<void>();
    void dead
      .pass("dead.test", { rule: one, revision: 1 }, () => {
        resolve();
        return new Promise(() => {});
      })
      .catch(() => {});
    await inside;
    open[0]!.redis.disconnect();
    const started = performance.now();
    await request([await join()], "dead.test", one, 1);
    expect(performance.now() - started).toBeGreaterThan(2_000);
  }, 20_000);
});

test("a newer rule is in force for those who knew the old one", async () => {
  const gates = await join();
  const slow = { requestsPerSecond: 1, burst: 1, concurrency: 1 };
  const fast = { requestsPerSecond: 100, burst: 5, concurrency: 5 };
  await gates.pass("changed.test", { rule: slow, revision: 1 }, async () => {});
  const started = performance.now();
  for (let i = 0; i < 6; i++) await gates.pass("changed.test", { rule: fast, revision: 2 }, async () => {});
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("a process that knows only an older rule does not bring it back", async () => {
  const slow = { requestsPerSecond: 2, burst: 1, concurrency: 1 };
  const fast = { requestsPerSecond: 100, burst: 50, concurrency: 5 };
  const [informed, late] = [await join(), await join()];
  await informed.pass("older.test", { rule: slow, revision: 2 }, async () => {});
  await late.pass("older.test", { rule: fast, revision: 1 }, async () => {});
  const started = performance.now();
  for (let i = 0; i < 3; i++) await late.pass("older.test", { rule: fast, revision: 1 }, async () => {});
  expect(performance.now() - started).toBeGreaterThan(1_000);
});

test("an error of the request is the caller's, and frees the place", async () => {
  const gates = await join();
  const rule = { requestsPerSecond: 50, burst: 5, concurrency: 1 };
  const failing = gates.pass("failing.test", { rule, revision: 1 }, async () => {
    throw new Error("refused");
  });
  await expect(failing).rejects.toThrow("refused");
  expect(await request([gates], "failing.test", rule, 2)).toHaveLength(2);
});

test("a rule that was changed unheard is in force within a second of requests that carry the old one", async () => {
  const fast = { requestsPerSecond: 50, burst: 20, concurrency: 20 };
  const slow = { requestsPerSecond: 4, burst: 1, concurrency: 1 };
  const processes = [await join(), await join()];
  await request(processes, "unheard.test", fast, 4);
  const changedAt = performance.now();
  await announceRule(open[0]!.redis, "unheard.test", { rule: slow, revision: 2 });
  while (performance.now() < changedAt + 1_000) await request(processes, "unheard.test", fast, 2);
  const spans = await request(processes, "unheard.test", fast, 8);
  expect(worstExcess(spans, slow, JITTER_MS + SPREAD_MS)).toBeLessThanOrEqual(0);
  expect(mostInFlight(spans)).toBe(1);
});

test("a rule that a process hears is in force at once, and an older one is not listened to", async () => {
  const fast = { requestsPerSecond: 50, burst: 20, concurrency: 20 };
  const slow = { requestsPerSecond: 4, burst: 1, concurrency: 1 };
  const process = await join();
  await request([process], "heard.test", fast, 4);
  await announceRule(open[0]!.redis, "heard.test", { rule: slow, revision: 3 });
  process.hear("heard.test", { rule: slow, revision: 3 });
  process.hear("heard.test", { rule: fast, revision: 2 });
  const spans = await request([process], "heard.test", fast, 6);
  expect(worstExcess(spans, slow, JITTER_MS + SPREAD_MS)).toBeLessThanOrEqual(0);
});
