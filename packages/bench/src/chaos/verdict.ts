import type { RequestEntry } from "@bee/testkit";
import type { JobSeen, PageSeen } from "./jobs.ts";

/** What became of the pages, in the terms of Jepsen's queue tests. */
export interface Verdict {
  /** Pages that the sites name. */
  readonly attempted: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  /** Without an outcome, or without a row. */
  readonly lost: number;
  /** Recorded more often than once, as a row or in the counters of its job. */
  readonly duplicated: number;
  /** Tasks that were taken up again after the death of their worker, or that Redis had lost. */
  readonly recovered: number;
}

const FAILED = new Set(["broken", "blocked", "unreachable"]);

export interface Evidence {
  readonly expected: readonly string[];
  readonly jobs: readonly JobSeen[];
  readonly pages: readonly PageSeen[];
  readonly recovered: number;
}

export function judge({ expected, jobs, pages, recovered }: Evidence): Verdict {
  const ended = pages.filter((page) => page.outcome !== null);
  const recorded = new Set(ended.map((page) => page.url));
  const counted = jobs.reduce(
    (sum, { counts }) => sum + counts.succeeded + counts.failed + counts.skipped,
    0,
  );
  return {
    attempted: expected.length,
    succeeded: ended.filter((page) => page.outcome === "ok").length,
    failed: ended.filter((page) => FAILED.has(page.outcome!)).length,
    skipped: ended.filter((page) => page.outcome === "skipped").length,
    lost: expected.filter((url) => !recorded.has(url)).length,
    duplicated: ended.length - recorded.size + Math.abs(counted - ended.length),
    recovered,
  };
}

/** Something that broke, and when that was over, by the clock of the requests. */
export interface Ended {
  readonly name: string;
  readonly over: number;
}

/** How long work stood still after a fault. */
export interface Pause {
  readonly name: string;
  /** Of the domain that stood still for longest. */
  readonly seconds: number;
}

/** What was on its way when a fault was over may still come through before the silence. */
const AFTERMATH_MS = 2_000;

/**
 * For each fault, the longest silence of a domain that began before or soon after its end: from then to the domain's next
 * request, or to the next fault, which then has to answer for what follows. A silence that nothing ends is none, for its
 * domain was done.
 */
export function pausesAfter(faults: readonly Ended[], logs: readonly (readonly RequestEntry[])[]): Pause[] {
  const inOrder = faults.toSorted((a, b) => a.over - b.over);
  return inOrder.map(({ name, over }, index) => {
    const next = inOrder[index + 1]?.over ?? Number.POSITIVE_INFINITY;
    const silences = logs.flatMap((log) =>
      log.map(({ startedAt }, i) => {
        const began = Math.max(log[i - 1]?.startedAt ?? 0, over);
        return startedAt > over && began < over + AFTERMATH_MS ? Math.min(startedAt, next) - began : 0;
      }),
    );
    return { name, seconds: Math.max(0, ...silences) / 1_000 };
  });
}
