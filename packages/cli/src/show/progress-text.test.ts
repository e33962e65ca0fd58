import { expect, test } from "@jest/globals";
import type { Progress } from "../client/progress.ts";
import { wireJob } from "../testing/wire-samples.ts";
import { type Paint, plain } from "./paint.ts";
import { progressLine, progressSentence } from "./progress-text.ts";

const progress: Progress = { job: wireJob(), perSecond: 9.84, away: false };
const tags: Paint = (style, text) => `<${style}>${text}</>`;

test("a wide terminal gets everything, with a bar", () => {
  expect(progressLine(progress, 119, plain)).toBe(
    "██████████████░░░░░░░░░░  57 of 97 pages  9.8/s  41 warmed  9 already warm  3 uncacheable  4 broken  12s left",
  );
});

test("in 80 columns there is room for the numbers, in fewer for the important ones", () => {
  const lines = [79, 60, 40, 24].map((width) => progressLine(progress, width, plain));
  expect(lines).toEqual([
    "57 of 97 pages  41 warmed  9 already warm  3 uncacheable  4 broken  12s left",
    "57 of 97 pages  41 warmed  4 broken  12s left",
    "57 of 97 pages  41 warmed  12s left",
    "57 of 97 pages  12s left",
  ]);
});

test("what is bad is red", () => {
  expect(progressLine(progress, 200, tags)).toContain("  <red>4 broken</>  12s left");
});

test.each([
  ["pending", "the job is pending"],
  ["expanding", "reading robots.txt and sitemaps"],
] as const)("before there are pages to count (%s)", (status, text) => {
  const counts = { ...wireJob().counts, total: 0 };
  expect(progressLine({ ...progress, job: wireJob({ status, counts }) }, 79, plain)).toBe(text);
});

test("before there are pages to count, what the job waits for", () => {
  const counts = { ...wireJob().counts, total: 0 };
  const waiting = [{ reason: "no-worker" as const, pages: 0, until: null }];
  const job = wireJob({ status: "pending", counts, waiting, etaSeconds: null });
  expect(progressLine({ ...progress, job }, 79, plain)).toBe("the job is pending  waiting: no-worker");
});

test("while sitemaps are read, pages are counted; how many are left nobody knows", () => {
  const counts = { ...wireJob().counts, total: 57, pending: 0 };
  const job = wireJob({ status: "expanding", counts });
  expect(progressLine({ ...progress, job }, 119, plain)).toBe(
    "reading sitemaps, 57 pages so far  9.8/s  41 warmed  9 already warm  3 uncacheable  4 broken",
  );
});

test("the first few pages do not tell how long the others will take", () => {
  const early = { ...wireJob().counts, succeeded: 4, failed: 0 };
  expect(progressSentence({ ...progress, job: wireJob({ counts: early }) })).not.toContain("left");
  const later = { ...early, succeeded: 5 };
  expect(progressSentence({ ...progress, job: wireJob({ counts: later }) })).toContain("12s left");
});

test("tells why nothing moves, where it is more than the ordinary pace", () => {
  const waiting = [
    { reason: "rate-limit" as const, pages: 30, until: null },
    { reason: "no-worker" as const, pages: 10, until: null },
  ];
  expect(progressSentence({ ...progress, job: wireJob({ waiting }) })).toBe(
    "57 of 97 pages, 9.8/s, 41 warmed, 9 already warm, 3 uncacheable, 4 broken, waiting: no-worker, 12s left",
  );
});

test("an API that is away is waited for", () => {
  expect(progressSentence({ ...progress, away: true })).toBe(
    "the API does not answer; waiting for it, 2m at most",
  );
});

test("a job that has ended has no time left", () => {
  const job = wireJob({ status: "completed", etaSeconds: null });
  expect(progressSentence({ job, perSecond: null, away: false })).not.toContain("left");
});
