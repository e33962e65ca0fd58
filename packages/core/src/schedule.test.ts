import { describe, expect, test } from "@jest/globals";
import { jitterOf, nextRun, nextRuns } from "./schedule.ts";
import { faultOfCron } from "./schedule-cron.ts";
import { isMissed, judgeOverlap, resumeAfter } from "./schedule-policy.ts";
import type { SchedulePlan } from "./schedule-request.ts";

const ID = "01a207a2-36d3-76e7-a6e9-21644bcea641";
const planOf = (plan: Partial<SchedulePlan>): SchedulePlan => ({
  ...{ cron: null, everySeconds: null, timeZone: "UTC", jitterSeconds: 0 },
  ...{ quietHours: null, overlap: "skip", missed: "run-once" },
  ...plan,
});
const timingOf = (plan: Partial<SchedulePlan>, anchor = "2026-01-01T00:00:00Z") => ({
  ...{ id: ID, plan: planOf(plan), anchorAt: new Date(anchor) },
});
const runs = (plan: Partial<SchedulePlan>, after: string, count: number) =>
  nextRuns(timingOf(plan), new Date(after), count).map((time) => time.toISOString().slice(0, 16));

describe("a wall-clock time comes once a day", () => {
  test.each([
    [
      "in a zone without changes",
      "30 3 * * *",
      "Asia/Kolkata",
      "2026-03-01T00:00Z",
      ["2026-03-01T22:00", "2026-03-02T22:00"],
    ],
    [
      "when its hour is left out: an hour later",
      "30 2 * * *",
      "Europe/Berlin",
      "2026-03-28T12:00Z",
      ["2026-03-29T01:30", "2026-03-30T00:30"],
    ],
    [
      "when its hour comes twice: the first time",
      "30 2 * * *",
      "Europe/Berlin",
      "2026-10-24T12:00Z",
      ["2026-10-25T00:30", "2026-10-26T01:30"],
    ],
    [
      "west of Greenwich, too",
      "30 1 * * *",
      "America/New_York",
      "2026-11-01T04:00Z",
      ["2026-11-01T05:30", "2026-11-02T06:30"],
    ],
    [
      "when midnight is left out",
      "0 0 * * *",
      "Asia/Beirut",
      "2026-03-27T12:00Z",
      ["2026-03-27T22:00", "2026-03-28T22:00", "2026-03-29T21:00"],
    ],
    [
      "when half an hour is left out",
      "15 2 * * *",
      "Australia/Lord_Howe",
      "2026-10-02T16:00Z",
      ["2026-10-03T15:45", "2026-10-04T15:15"],
    ],
    [
      "also from between the two times that it is shown",
      "30 1 * * *",
      "America/New_York",
      "2026-11-01T05:45Z",
      ["2026-11-02T06:30"],
    ],
    ["on named weekdays", "0 9 * * MON-FRI", "Europe/Berlin", "2026-03-27T12:00Z", ["2026-03-30T07:00"]],
  ])("%s", (_name, cron, timeZone, after, expected) => {
    expect(runs({ cron, timeZone }, after, expected.length)).toEqual(expected);
  });

  test("for a year of days, in zones of every kind", () => {
    for (const timeZone of [
      "Europe/Berlin",
      "America/New_York",
      "Asia/Beirut",
      "Africa/Cairo",
      "America/Santiago",
      "Australia/Lord_Howe",
      "Pacific/Chatham",
      "America/Havana",
      "UTC",
    ]) {
      const day = new Intl.DateTimeFormat("en-CA", { timeZone });
      for (const cron of ["0 0 * * *", "15 2 * * *", "30 2 * * *"]) {
        const days = nextRuns(timingOf({ cron, timeZone }), new Date("2026-01-01T12:00Z"), 365);
        expect([timeZone, cron, new Set(days.map((time) => day.format(time))).size]).toEqual([
          timeZone,
          cron,
          365,
        ]);
      }
    }
  });
});

test("every half hour is every half hour when clocks change", () => {
  const every = (after: string) => runs({ cron: "*/30 * * * *", timeZone: "Europe/Berlin" }, after, 4);
  expect(every("2026-03-29T00:10Z")).toEqual([
    "2026-03-29T00:30",
    "2026-03-29T01:00",
    "2026-03-29T01:30",
    "2026-03-29T02:00",
  ]);
  expect(every("2026-10-25T00:10Z")).toEqual([
    "2026-10-25T00:30",
    "2026-10-25T01:00",
    "2026-10-25T01:30",
    "2026-10-25T02:00",
  ]);
});

test("an interval is counted from where it was set, whenever one asks", () => {
  const every = { everySeconds: 3_600 };
  expect(runs(every, "2026-01-01T00:00Z", 2)).toEqual(["2026-01-01T01:00", "2026-01-01T02:00"]);
  expect(runs(every, "2026-01-09T17:59Z", 1)).toEqual(["2026-01-09T18:00"]);
  expect(runs(every, "2025-01-09T17:59Z", 1)).toEqual(["2026-01-01T01:00"]);
});

test("jitter is steady, below its most, differs between schedules, and costs no run", () => {
  const most = 600;
  expect(jitterOf(ID, most)).toBe(jitterOf(ID, most));
  const all = Array.from({ length: 200 }, (_, i) => jitterOf(`schedule ${i}`, most));
  expect(Math.max(...all)).toBeLessThan(most);
  expect(Math.min(...all)).toBeLessThan(most / 10);
  expect(Math.max(...all)).toBeGreaterThan((most * 9) / 10);
  const timing = timingOf({ cron: "0 * * * *", jitterSeconds: 1_800 });
  const late = jitterOf(ID, 1_800_000);
  expect(late).toBeGreaterThan(0);
  // Between the hour and its late run, that run is still to come.
  expect(nextRun(timing, new Date("2026-01-01T05:00:00Z"))).toEqual(
    new Date(Date.parse("2026-01-01T05:00:00Z") + late),
  );
});

describe("quiet hours", () => {
  const daytime = { from: "08:00", to: "18:00" };
  test.each([
    [
      "make one run of many, at their end",
      { cron: "0 * * * *", quietHours: daytime },
      "2026-01-01T06:30Z",
      ["2026-01-01T07:00", "2026-01-01T18:00", "2026-01-01T19:00"],
    ],
    [
      "last over midnight",
      { cron: "0 * * * *", quietHours: { from: "22:00", to: "06:30" } },
      "2026-01-01T20:30Z",
      ["2026-01-01T21:00", "2026-01-02T06:30", "2026-01-02T07:00"],
    ],
    [
      "are those of the zone",
      { everySeconds: 3_600, timeZone: "America/New_York", quietHours: daytime },
      "2026-01-01T12:30Z",
      ["2026-01-01T23:00"],
    ],
    [
      "are an hour shorter when clocks are put forward",
      { cron: "30 1 * * *", timeZone: "Europe/Berlin", quietHours: { from: "01:00", to: "04:00" } },
      "2026-03-28T12:00Z",
      ["2026-03-29T02:00"],
    ],
    [
      "end, also where that is left out",
      { cron: "30 1 * * *", timeZone: "Europe/Berlin", quietHours: { from: "01:00", to: "02:30" } },
      "2026-03-28T12:00Z",
      ["2026-03-29T01:30"],
    ],
    [
      "end in an hour that comes twice",
      { everySeconds: 600, timeZone: "Europe/Berlin", quietHours: { from: "01:00", to: "02:30" } },
      "2026-10-25T01:05Z",
      ["2026-10-25T01:30", "2026-10-25T01:40"],
    ],
  ])("%s", (_name, plan, after, expected) => {
    expect(runs(plan, after, expected.length)).toEqual(expected);
  });
});

test.each([
  ["30 3 * * 1-5", true],
  ["*/5 0-6,22 1,15 JAN-MAR *", true],
  ["0 4 L * *", true],
  ["", false],
  ["* * * *", false],
  ["0 0 * * * *", false],
  ["@daily", false],
  ["H * * * *", false],
  ["60 * * * *", false],
  ["0 0 30 2 *", false],
  ["0 0 * * XYZ", false],
])("cron %j is accepted: %s", (cron, accepted) => {
  expect(faultOfCron(cron) === undefined).toBe(accepted);
});

test.each([
  ["skip", 0, true, "start"],
  ["skip", 1, true, "skip"],
  ["queue", 0, true, "start"],
  ["queue", 1, true, "wait"],
  ["queue", 1, false, "skip"],
  ["queue", 0, false, "wait"],
  ["replace", 0, true, "start"],
  ["replace", 2, true, "cancel"],
] as const)("with the policy %s, %d open jobs and being the first is %s: %s", (policy, open, first, step) => {
  expect(judgeOverlap(policy, open, first)).toBe(step);
});

test("a run is missed two minutes after it was due, and one that came just now is not missed with it", () => {
  const now = new Date("2026-01-01T12:00:30Z");
  expect(isMissed(new Date("2026-01-01T11:58:31Z"), now)).toBe(false);
  expect(isMissed(new Date("2026-01-01T11:58:29Z"), now)).toBe(true);
  const timing = timingOf({ cron: "0 * * * *" });
  expect(nextRun(timing, resumeAfter(true, "skip", now))).toEqual(new Date("2026-01-01T12:00:00Z"));
  expect(nextRun(timing, resumeAfter(true, "run-once", now))).toEqual(new Date("2026-01-01T13:00:00Z"));
});
