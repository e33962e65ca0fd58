import type { CanaryRecord } from "@bee/store";
import { expect, test } from "@jest/globals";
import { type CanaryStep, nextCanary } from "./canary-step.ts";

const NOW = 1_000_000;
const INTERVAL = 30_000;
const s = (seconds: number) => NOW - seconds * 1_000;

const step = (record: Partial<CanaryRecord>, since: number | null = s(3_600)) =>
  nextCanary({
    record: { now: NOW, submittedAt: null, open: false, passed: null, ...record },
    since,
    intervalMs: INTERVAL,
  });
const passed = (secondsAgo: number) => ({ at: s(secondsAgo), durationMs: 40 });

test.each<[string, Partial<CanaryRecord>, number | null, Partial<CanaryStep>]>([
  ["the first is submitted at once", {}, null, { submit: true, abandon: false }],
  ["the next after the interval", { submittedAt: s(30), passed: passed(29) }, s(99), { submit: true }],
  ["and not before", { submittedAt: s(29), passed: passed(28) }, s(99), { submit: false }],
  ["also after one that failed", { submittedAt: s(31) }, s(60), { submit: true }],
  [
    "none while one is on its way",
    { submittedAt: s(600), open: true },
    s(900),
    { submit: false, abandon: false },
  ],
  [
    "one of a fleet that was stopped is given up for a new one",
    { submittedAt: s(86_400), open: true },
    null,
    { submit: true, abandon: true },
  ],
  ["after a pause the first is submitted at once", { submittedAt: s(20) }, s(10), { submit: true }],
])("%s", (_what, record, since, expected) => {
  expect(step(record, since)).toMatchObject(expected);
});

test.each<[string, Partial<CanaryRecord>, number | null, boolean]>([
  ["nothing has passed yet, and nothing was expected to", {}, null, true],
  ["nothing has passed for three intervals of a young fleet", {}, s(90), true],
  ["nor a moment later", {}, s(91), false],
  ["one has passed three intervals ago", { passed: passed(90) }, s(3_600), true],
  ["one has passed longer ago", { passed: passed(91) }, s(3_600), false],
  ["one has passed yesterday, before the fleet was stopped", { passed: passed(86_400) }, null, true],
])("whether all is well: %s", (_what, record, since, ok) => {
  expect(step(record, since).verdict.ok).toBe(ok);
});

test("the verdict tells of the last check that passed", () => {
  expect(step({ submittedAt: s(5), open: true, passed: passed(34) }).verdict).toEqual({
    lastAt: s(34),
    durationMs: 40,
    ok: true,
    since: s(3_600),
  });
});
