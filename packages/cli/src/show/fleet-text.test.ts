import { workerReport } from "@bee/queue/testing";
import { expect, test } from "@jest/globals";
import type { WireFleet } from "../client/wire.ts";
import { fleetText } from "./fleet-text.ts";
import { plain } from "./paint.ts";

const empty = { waiting: 0, active: 0, delayed: 0 };
const startedAt = new Date(2026, 0, 1, 8, 59, 44).toISOString();
const fleet: WireFleet = {
  workers: [workerReport({ pid: 917, host: "vm", busy: 13, startedAt })],
  queues: { critical: empty, high: empty, normal: { waiting: 1_234, active: 13, delayed: 2 }, low: empty },
  desired: 3,
  current: 1,
  fleets: [
    {
      region: "default",
      class: "general",
      workers: 1,
      desired: 3,
      busy: 13,
      usable: 200,
      queues: {
        critical: empty,
        high: empty,
        normal: { waiting: 1_234, active: 13, delayed: 2 },
        low: empty,
      },
    },
  ],
  decisions: [
    {
      at: startedAt,
      region: "default",
      class: "general",
      from: 0,
      to: 3,
      reason: "0 active jobs ask for 3 workers, 0 live",
      inputs: null,
    },
  ],
  connections: { limit: 50, budget: 7, perWorker: 2, open: 5, idle: 3 },
  canary: { lastAt: startedAt, durationMs: 84, ok: true },
};

test("the fleet on one screen", () => {
  expect(fleetText(fleet, { width: 80, paint: plain })).toBe(
    [
      "1 worker, 3 wanted, 13 of 200 slots busy",
      "5 of 7 database connections open, 3 idle, 50 at most",
      "checked itself at 08:59:44, in 84 ms",
      "",
      "worker  state      busy  since     fleet             host",
      "   917  working  13/200  08:59:44  default, general  vm",
      "",
      "queue     waiting  active  delayed",
      "critical        0       0        0",
      "high            0       0        0",
      "normal      1,234      13        2",
      "low             0       0        0",
      "",
      "at        workers  because",
      "08:59:44  0 → 3    0 active jobs ask for 3 workers, 0 live",
      "",
    ].join("\n"),
  );
});

test("several fleets are told one by one, and each decision with its own", () => {
  const eu = { ...fleet.fleets[0]!, region: "eu", class: "high-capacity", workers: 0, busy: 0, usable: 0 };
  const text = fleetText({ ...fleet, fleets: [...fleet.fleets, eu] }, { width: 100, paint: plain });
  expect(text).toContain(
    [
      "fleet              workers  wanted    busy  waiting",
      "default, general         1       3  13/200    1,234",
      "eu, high-capacity        0       3     0/0    1,234",
    ].join("\n"),
  );
  expect(text).toContain(
    [
      "at        fleet             workers  because",
      "08:59:44  default, general  0 → 3    0 active jobs ask for 3 workers, 0 live",
    ].join("\n"),
  );
});

test("tables without rows are left out", () => {
  const text = fleetText({ ...fleet, workers: [], current: 0, decisions: [] }, { width: 80, paint: plain });
  expect(text).toMatch(/^0 workers, 3 wanted, 0 of 0 slots busy\n.*\n.*\n\nqueue /);
  expect(text).not.toContain("because");
});

test.each<[string, WireFleet["canary"], RegExp]>([
  ["nobody checks", null, /at most\n\n/],
  [
    "none has passed yet",
    { lastAt: null, durationMs: null, ok: true },
    /\nhas not passed a check of itself yet\n/,
  ],
  [
    "the last one is too long ago",
    { lastAt: startedAt, durationMs: 84, ok: false },
    /\ndoes not do its work: checked itself at 08:59:44, in 84 ms\n/,
  ],
])("what the fleet's checks of itself say: %s", (_what, canary, line) => {
  expect(fleetText({ ...fleet, canary }, { width: 80, paint: plain })).toMatch(line);
});
