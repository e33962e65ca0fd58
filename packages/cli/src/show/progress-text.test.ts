import { describe, expect, test } from "@jest/globals";
import type { Progress } from "../client/progress.ts";
import type { WireJob } from "../client/wire.ts";
import { NO_CACHE, NO_OUTCOMES, wireJob } from "../testing/wire-samples.ts";
import { type Paint, plain } from "./paint.ts";
import { progressLine, progressSentence } from "./progress-text.ts";

const progress: Progress = { job: wireJob(), perSecond: 9.84, away: false };
const tags: Paint = (style, text) => `<${style}>${text}</>`;

test("a wide terminal gets everything, with a bar", () => {
  expect(progressLine(progress, 119, plain)).toBe(
    "██████████████░░░░░░░░░░  57 of 97 pages  9.8/s  41 warmed  9 already warm  3 uncacheable  4 broken  12s left",
  );
});

test("where room is short what is broken goes last, and the bar stays", () => {
  const lines = [79, 69, 60, 46, 36, 26].map((width) => progressLine(progress, width, plain));
  expect(lines).toEqual([
    "█████░░░░░  57 of 97 pages  41 warmed  9 already warm  4 broken  12s left",
    "█████░░░░░  57 of 97 pages  41 warmed  4 broken  12s left",
    "█████░░░░░  57 of 97 pages  41 warmed  4 broken  12s left",
    "█████░░░░░  57 of 97 pages  4 broken  12s left",
    "█████░░░░░  57 of 97 pages  4 broken",
    "█████░░░░░  57 of 97 pages",
  ]);
});

test("nothing moves to another place because a number gets longer", () => {
  const { counts } = wireJob();
  const places = [0, 9, 52, 900].map((succeeded) => {
    const job = wireJob({ counts: { ...counts, total: 1_234, succeeded } });
    return progressLine({ ...progress, job }, 79, plain).indexOf(" of 1,234 pages");
  });
  expect(new Set(places).size).toBe(1);
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

describe("why nothing moves", () => {
  const wait = (reason: WireJob["waiting"][number]["reason"], pages: number) => ({
    reason,
    pages,
    until: null,
  });
  const told = (...waiting: WireJob["waiting"]) =>
    progressSentence({ ...progress, job: wireJob({ waiting }) });

  test("is told where it is more than the ordinary pace, and holds most of the pages", () => {
    expect(told(wait("rate-limit", 10), wait("no-worker", 30))).toBe(
      "57 of 97 pages, 9.8/s, 41 warmed, 9 already warm, 3 uncacheable, 4 broken, waiting: no-worker, 12s left",
    );
  });

  test("or where nothing else moves", () => {
    const waits = told(wait("retry-after", 3), wait("tier-share", 37));
    expect(waits).toContain("waiting: retry-after, waiting: tier-share");
  });

  test("not of a few pages while the others are on their way or under way", () => {
    expect(told(wait("rate-limit", 39), wait("retry-after", 1))).not.toContain("waiting");
    expect(told(wait("retry-after", 1))).not.toContain("waiting");
  });

  const until = "2026-01-01T10:20:30.000Z";
  const time = /\d\d:\d\d:\d\d/;
  const counts = { ...wireJob().counts, pending: 13, total: 13, succeeded: 0, failed: 0 };
  const closed = (reason: "circuit-open" | "retry-after", because: string) =>
    wireJob({ counts, waiting: [{ reason, pages: 13, until, because }], etaSeconds: null });
  const lineOf = (job: WireJob) =>
    progressLine(
      { ...progress, perSecond: null, job: { ...job, outcomes: NO_OUTCOMES, cache: NO_CACHE } },
      79,
      plain,
    );

  test("is told with what closed the site", () => {
    const failed = lineOf(closed("circuit-open", "answered 500"));
    expect(failed.replace(time, "TIME")).toBe(
      "░░░░░░░░░░   0 of 13 pages  the site failed (answered 500), next try TIME",
    );
    const quiet = lineOf(closed("retry-after", "answered 429"));
    expect(quiet.replace(time, "TIME")).toBe(
      "░░░░░░░░░░   0 of 13 pages  the site asks for quiet until TIME",
    );
  });

  test("is told before there are pages to count, too", () => {
    const job = closed("circuit-open", "connect ECONNREFUSED 192.0.2.1:443");
    const line = lineOf({ ...job, status: "expanding", counts: { ...counts, total: 0, pending: 0 } });
    expect(line.replace(time, "TIME")).toBe(
      "reading robots.txt and sitemaps  the site failed, next try TIME",
    );
  });

  test("stays longer than the bar, and fits 80 columns however long it is", () => {
    const line = lineOf(closed("circuit-open", "connect ECONNREFUSED 192.0.2.1:443 at the third address"));
    expect(line).toHaveLength(79);
    expect(line.replace(time, "TIME")).toBe(
      " 0 of 13 pages  the site failed (connect ECONNREFUSED 192.…), next try TIME",
    );
  });
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
