import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type RateRule, silentLog } from "@bee/core";
import { freshRedis, monotonicMs, mostInFlight, type Span, type TestRedis, worstExcess } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { Gates } from "./gates.ts";
import { openRedis, type Redis } from "./redis.ts";

const PROCESS = fileURLToPath(new URL("testing/gate-process.ts", import.meta.url));
const REQUEST_MS = 20;
/**
 * A start with a burst of one may come 25 ms late, and its followers be on time; and processes' measurements of Redis's
 * clock differ by some milliseconds. How late the machine is does not matter.
 */
const LATE_MS = 30;

let server: TestRedis;
const open: { gates: Gates; redis: Redis }[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  server = await freshRedis();
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  for (const { gates, redis } of open.splice(0)) {
    await gates.stop();
    redis.disconnect();
  }
});
afterAll(() => server.stop());

async function join(deadlineMs = 2_000): Promise<Gates> {
  const redis = openRedis({ url: server.url, name: "test", log: silentLog });
  const gates = new Gates(redis, { deadlineMs, log: silentLog });
  await gates.start({ begun: false });
  open.push({ gates, redis });
  return gates;
}

/** Requests through one gate, and when each of them was under way. */
async function request(
  gates: Gates,
  { domain, rule, count, ms = REQUEST_MS }: { domain: string; rule: RateRule; count: number; ms?: number },
  spans: Span[],
  onStart = () => {},
): Promise<void> {
  const one = async () => {
    const span = { startedAt: monotonicMs(), endedAt: Number.POSITIVE_INFINITY };
    spans.push(span);
    onStart();
    await delay(ms);
    span.endedAt = monotonicMs();
  };
  await Promise.all(Array.from({ length: count }, () => gates.pass(domain, { rule, revision: 1 }, one)));
}

/** Another process that makes requests at a gate. */
function startProcess(domain: string, rule: RateRule, count: number, deadlineMs: number, spans: Span[]) {
  const args = [server.url, deadlineMs, domain, JSON.stringify(rule), count].map(String);
  const child = spawn(process.execPath, [PROCESS, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  createInterface({ input: child.stdout }).on("line", (line) =>
    spans.push({ startedAt: Number(line), endedAt: Number(line) + REQUEST_MS }),
  );
  return { child, exited: once(child, "exit"), first: once(child.stdout, "data") };
}

/** Does nothing else for so long, as a process that computes. */
function blockLoop(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

test.each([
  ["a burst of one", { requestsPerSecond: 20, burst: 1, concurrency: 8 }],
  ["a burst", { requestsPerSecond: 20, burst: 3, concurrency: 8 }],
])("a process that stands still between grant and start asks again: %s", async (name, rule) => {
  const domain = `blocked-${name.length}.test`;
  const spans: Span[] = [];
  let stalls = 0;
  await request(await join(), { domain, rule, count: 12 }, spans, () => {
    if (stalls++ === 0) setTimeout(() => blockLoop(400), 15);
  });
  expect(spans).toHaveLength(12);
  expect(worstExcess(spans, rule, LATE_MS)).toBeLessThanOrEqual(0);
});

test("a process that is stopped between grant and start breaks no bound when it goes on", async () => {
  const rule = { requestsPerSecond: 2, burst: 1, concurrency: 6 };
  const domain = "stopped.test";
  const spans: Span[] = [];
  const { child, exited, first } = startProcess(domain, rule, 4, 2_000, spans);
  await first;
  await delay(150);
  // Its other requests wait for half a second, one second, and one and a half.
  child.kill("SIGSTOP");
  await request(await join(), { domain, rule, count: 2 }, spans);
  await delay(1_000);
  child.kill("SIGCONT");
  await exited;
  expect(spans).toHaveLength(6);
  expect(worstExcess(spans, rule, LATE_MS)).toBeLessThanOrEqual(0);
}, 20_000);

test("a place that was given to another while its process stood still is not used", async () => {
  const rule = { requestsPerSecond: 2, burst: 1, concurrency: 1 };
  const domain = "expired.test";
  const deadlineMs = 200;
  const spans: Span[] = [];
  const { child, exited, first } = startProcess(domain, rule, 2, deadlineMs, spans);
  await first;
  await delay(150);
  child.kill("SIGSTOP");
  // Gets the place of the stopped one when that has expired, and is in it when the stopped one goes on.
  await request(await join(deadlineMs), { domain, rule, count: 1, ms: 1_500 }, spans, () => {
    child.kill("SIGCONT");
  });
  await exited;
  expect(spans).toHaveLength(3);
  expect(mostInFlight(spans)).toBe(1);
}, 20_000);

test("a process that is always late still gets its turn, and pays for it in pace", async () => {
  const rule = { requestsPerSecond: 50, burst: 2, concurrency: 2 };
  const gates = await join();
  const busy = setInterval(() => blockLoop(150), 1);
  const spans: Span[] = [];
  try {
    await request(gates, { domain: "late.test", rule, count: 4 }, spans);
  } finally {
    clearInterval(busy);
  }
  expect(spans).toHaveLength(4);
}, 20_000);
