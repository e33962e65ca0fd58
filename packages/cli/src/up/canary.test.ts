import { setTimeout as pause } from "node:timers/promises";
import type { CanaryView } from "@bee/api";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import type { WireFleet, WireJob } from "../client/wire.ts";
import { FleetUnderTest, Home, type LogLine } from "../testing/fleet-under-test.ts";

// A fleet takes seconds to start.
jest.setTimeout(60_000);

let home: Home;
let fleet: FleetUnderTest;

beforeAll(async () => {
  home = new Home(200);
  // As in production: no private address may be crawled, and the API has one.
  fleet = new FleetUnderTest(home, { BEE_ALLOW_PRIVATE: "" });
  await fleet.ready;
});
afterAll(async () => {
  fleet.kill("SIGTERM");
  await fleet.exited;
  home.remove();
});

async function json<T>(...args: string[]): Promise<T> {
  return JSON.parse((await home.bee(...args, "--json")).stdout);
}

test("a fleet that is up is ready, checks itself within a minute, and shows its checks to nobody who does not ask", async () => {
  const listens = fleet.lines.find(({ message }) => message === "the API listens");
  const { url } = listens as LogLine & { url: string };
  let canary: CanaryView | null = null;
  while ((canary?.lastAt ?? null) === null) {
    const answer = await fetch(`${url}/readyz`);
    expect(answer.status).toBe(200);
    ({ canary } = (await answer.json()) as { canary: CanaryView | null });
    await pause(100);
  }
  expect(canary).toEqual({ lastAt: expect.any(String), durationMs: expect.any(Number), ok: true });

  const state = await json<WireFleet>("fleet");
  expect(state).toMatchObject({ current: 3, desired: 3, canary });
  expect((await home.bee("fleet")).stdout).toMatch(/\nchecked itself at \d\d:\d\d:\d\d, in .*\n/);
  expect(await json<{ jobs: WireJob[] }>("jobs")).toMatchObject({ jobs: [] });
  const key = (await home.bee("keys", "create", "--name", "test", "--plan", "operator")).stdout.trim();
  const headers = { authorization: `Bearer ${key}` };
  const checks = await (await fetch(`${url}/v1/jobs?domain=health.internal`, { headers })).json();
  expect(checks).toMatchObject({
    jobs: [{ tier: "critical", status: "completed", counts: { total: 1, succeeded: 1 } }],
  });
});
