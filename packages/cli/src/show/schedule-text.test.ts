import { expect, test } from "@jest/globals";
import { parseQuietHours, parseScheduleId, parseSeconds } from "../client/schedule-options.ts";
import type { WireSchedule } from "../client/wire.ts";
import { plain } from "./paint.ts";
import { schedulesText, scheduleText } from "./schedule-text.ts";

const schedule = (changes: Partial<WireSchedule> = {}): WireSchedule => ({
  ...{ id: "01a207a2-36d3-76e7-a6e9-21644bcea641", keyId: "01a207a2-36d3-76e7-a6e9-21644bcea642" },
  name: "nightly",
  job: {
    ...{ domain: "shop.example", maxPages: 500, useSitemap: true, followLinks: false },
    ...{ include: [], exclude: [], verify: "all" },
  },
  ...{ cron: "30 3 * * *", everySeconds: null, timeZone: "Europe/Berlin", jitterSeconds: 0 },
  ...{ quietHours: null, overlap: "skip", missed: "run-once", status: "active" },
  nextRuns: ["2026-01-02T02:30:00.000Z", "2026-01-03T02:30:00.000Z"],
  ...{ hasHook: false, createdAt: "2026-01-01T00:00:00.000Z" },
  ...changes,
});

test("a table says when each schedule is due, and when next", () => {
  const paused = schedule({
    cron: null,
    everySeconds: 21_600,
    status: "paused",
    nextRuns: [],
    name: "often",
  });
  const lines = schedulesText([schedule(), paused], { width: 120, paint: plain }).split("\n");
  expect(lines[1]).toMatch(/^\S+ {2}30 3 \* \* \* Europe\/Berlin {2}2026-01-02 02:30Z {2}nightly$/);
  expect(lines[2]).toMatch(/^\S+ {2}every 6h {2,}paused {2,}often$/);
  expect(schedulesText([], { width: 80, paint: plain })).toBe("No schedules yet\n");
});

test("a schedule says what it does when", () => {
  expect(scheduleText(schedule())).toContain(
    "  Site  shop.example\n  When  30 3 * * * Europe/Berlin\n  Next  2026-01-02 02:30Z, 2026",
  );
});

test("options are understood, or told what they should be", () => {
  expect(parseQuietHours("08:00-18:30")).toEqual({ from: "08:00", to: "18:30" });
  expect(parseSeconds("6h")).toBe(21_600_000);
  expect(() => parseQuietHours("8-18")).toThrow('expected times such as 08:00-18:00, got "8-18"');
  expect(() => parseSeconds("500ms")).toThrow("expected a duration");
  expect(() => parseScheduleId("17")).toThrow("expected the id of a schedule");
});
