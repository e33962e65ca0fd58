import type { AlertReading } from "@bee/core";
import type { WorkerTroubles } from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import { expect, test } from "@jest/globals";
import {
  crashLoop,
  deadRegions,
  errorRate,
  failingChannels,
  noProgress,
  queueDepth,
  redisMemory,
  responseTime,
  stuckWorkers,
} from "./figures.ts";

const MIB = 2 ** 20;
const fleet = (troubles: WorkerTroubles) => ({
  region: "eu",
  workerClass: "general",
  ...scalingReport({ troubles }),
});
const jobs = new Map([
  ["eu", 2],
  ["us", 1],
]);

test.each<[string, readonly AlertReading[], number, string]>([
  [
    "queue depth",
    queueDepth({ tasks: 6_000, oldestMs: 9 }),
    6_000,
    "6,000 tasks could be carried out now and are not taken",
  ],
  [
    "p95 of the fleet, each worker by its visits",
    responseTime([
      workerReport({ p95Ms: 1_000, visits: { ok: 90 } }),
      workerReport({ p95Ms: 11_000, visits: { ok: 5, broken: 5 } }),
      workerReport({ p95Ms: null }),
    ]),
    2_000,
    "sites take 2000 ms to answer (p95 of 100 visits)",
  ],
  ["p95 without a visit", responseTime([workerReport()]), 0, "sites take 0 ms to answer (p95 of 0 visits)"],
  [
    "failed visits; one that was handed back was not made",
    errorRate([
      workerReport({ visits: { ok: 30, broken: 10, "handed-back": 99 } }),
      workerReport({ visits: { ok: 40, retried: 20 } }),
    ]),
    0.3,
    "30 of 100 visits failed",
  ],
  [
    "too few visits to judge",
    errorRate([workerReport({ visits: { broken: 49 } })]),
    0,
    "49 of 49 visits failed",
  ],
  [
    "work waits, and nothing is done",
    noProgress({ tasks: 7, oldestMs: 300_000 }, 130_000),
    130,
    "7 tasks could be carried out and nothing was done for 130 s",
  ],
  [
    "work has just begun to wait",
    noProgress({ tasks: 7, oldestMs: 5_000 }, 999_000),
    5,
    "7 tasks could be carried out and nothing was done for 5 s",
  ],
  ["memory", redisMemory({ used: 90 * MIB, limit: 100 * MIB }), 0.9, "Redis uses 90 MiB of 100 MiB"],
  ["memory without a limit", redisMemory({ used: MIB, limit: null }), 0, "Redis uses 1 MiB of what it wants"],
])("%s", (_what, readings, value, detail) => {
  expect(readings).toEqual([{ subject: "", value, detail }]);
});

test("each fleet tells of its own workers' troubles", () => {
  const fleets = [fleet({ failedStarts: 3, stuck: 1 })];
  expect(crashLoop(fleets)).toEqual([
    { subject: "eu/general", value: 3, detail: "3 workers in a row ended before they worked" },
  ]);
  const detail = "1 worker lived and did not work, and was replaced in five minutes";
  expect(stuckWorkers(fleets)).toEqual([{ subject: "eu/general", value: 1, detail }]);
});

test("a region is down that has jobs and no worker that goes on", () => {
  const workers = [workerReport({ region: "eu" }), workerReport({ region: "us", state: "stopping" })];
  expect(deadRegions(jobs, workers, [])).toEqual([
    { subject: "eu", value: 0, detail: "workers live in region eu" },
    { subject: "us", value: 1, detail: "no worker lives in region us, which has 1 job" },
  ]);
  expect(deadRegions(new Map(), [], [])).toEqual([]);
  expect(deadRegions(new Map(), workers, ["ap"])).toEqual([
    { subject: "ap", value: 1, detail: "no worker lives in region ap, which has 0 jobs" },
  ]);
});

test("a channel that fails is a subject of its own", () => {
  expect(failingChannels([{ channel: "pager", tries: 3, failure: "answered 500" }])).toEqual([
    { subject: "pager", value: 3, detail: "channel pager did not take 3 tries in a row: answered 500" },
  ]);
});
