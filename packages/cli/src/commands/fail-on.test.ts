import { CACHE_RESULTS, OUTCOMES } from "@bee/core";
import { expect, test } from "@jest/globals";
import type { WireReport } from "../client/wire.ts";
import { wireJob, wireReport } from "../testing/wire-samples.ts";
import { DEFAULT_FAIL_ON, FAIL_ON, findingsOf, parseFailOn, problemsOf } from "./fail-on.ts";

const report = {
  summary: {
    outcomes: { ok: 90, broken: 4, blocked: 0, unreachable: 1, disallowed: 2, skipped: 0, cancelled: 0 },
    cache: { warmed: 80, "already-warm": 5, uncacheable: 3, unproven: 0, none: 9 },
    slow: 7,
  },
} as WireReport;

test("names every way to end that is not the best one, and pages that are late", () => {
  expect(FAIL_ON).toEqual([
    ...["broken", "blocked", "unreachable", "disallowed", "skipped", "cancelled"],
    ...["uncacheable", "unproven", "slow"],
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

test("without being told it fails on pages that a visitor would not get, or of which nobody can tell", () => {
  expect(DEFAULT_FAIL_ON).toEqual(["broken", "blocked", "unreachable"]);
});

test.each([
  [DEFAULT_FAIL_ON, ["4 broken", "1 unreachable"]],
  [["broken"], ["4 broken"]],
  [["blocked"], []],
  [["unreachable"], ["1 unreachable"]],
  [["disallowed"], ["2 disallowed"]],
  [["skipped"], []],
  [["cancelled"], []],
  [["uncacheable"], ["3 uncacheable"]],
  [["unproven"], []],
  [["slow"], ["7 slow"]],
  [["blocked", "unproven"], []],
  [
    ["uncacheable", "disallowed"],
    ["3 uncacheable", "2 disallowed"],
  ],
  [[], []],
])("asked for %j it finds %j", (failOn, findings) => {
  expect(findingsOf(report, failOn)).toEqual(findings);
});

test("each of them is found where there is one", () => {
  const one = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, 1]));
  const all = {
    summary: { outcomes: one(OUTCOMES), cache: one(CACHE_RESULTS), slow: 1 },
  } as unknown as WireReport;
  expect(findingsOf(all, FAIL_ON)).toEqual(FAIL_ON.map((name) => `1 ${name}`));
});

test("a job that checked no page is never fine, whatever was asked for", () => {
  const { summary } = wireReport();
  expect(problemsOf(wireReport(), DEFAULT_FAIL_ON)).toEqual([]);
  const unchecked = wireReport({ summary: { ...summary, checked: 0 } });
  expect(problemsOf(unchecked, [])).toEqual(["No page could be checked"]);
  const failed = wireReport({ job: wireJob({ status: "failed" }), summary: { ...summary, checked: 0 } });
  expect(problemsOf(failed, [])).toEqual(["The job was not completed: failed"]);
});
