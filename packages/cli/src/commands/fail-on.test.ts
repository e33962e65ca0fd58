import { expect, test } from "@jest/globals";
import type { WireReport } from "../client/wire.ts";
import { DEFAULT_FAIL_ON, FAIL_ON, findingsOf, parseFailOn } from "./fail-on.ts";

const report = {
  summary: {
    outcomes: { ok: 90, broken: 4, blocked: 0, unreachable: 1, disallowed: 2, skipped: 0, cancelled: 0 },
    cache: { warmed: 80, "already-warm": 5, uncacheable: 3, unproven: 0, none: 9 },
  },
} as WireReport;

test("names every way to end that is not the best one", () => {
  expect(FAIL_ON).toEqual([
    ...["broken", "blocked", "unreachable", "disallowed", "skipped", "cancelled"],
    ...["uncacheable", "unproven"],
  ]);
});

test.each([
  ["broken", ["broken"]],
  ["broken, uncacheable", ["broken", "uncacheable"]],
  ["nothing", []],
])("understands %j", (text, names) => {
  expect(parseFailOn(text)).toEqual(names);
});

test.each(["", "ok", "warmed", "brokn", "broken,", "nothing,broken"])("refuses %j", (text) => {
  expect(() => parseFailOn(text)).toThrow(/^expected some of broken, .* or nothing, got "/);
});

test("finds what the caller wants to fail on, and only that", () => {
  expect(findingsOf(report, DEFAULT_FAIL_ON)).toEqual(["4 broken", "1 unreachable"]);
  expect(findingsOf(report, ["blocked", "unproven"])).toEqual([]);
  expect(findingsOf(report, ["uncacheable", "disallowed"])).toEqual(["3 uncacheable", "2 disallowed"]);
  expect(findingsOf(report, [])).toEqual([]);
});
