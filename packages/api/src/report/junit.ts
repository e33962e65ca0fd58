import { OUTCOMES, type Outcome } from "@bee/core";
import type { Page } from "@bee/store";
import type { JobView } from "../jobs/job-view.ts";
import { type Change, changeOf, type Earlier } from "./comparison.ts";
import { element, endTag, startTag } from "./element.ts";
import { FAILURES, isFailure } from "./finding.ts";
import { headlineOf } from "./headline.ts";

export interface JUnitSource {
  readonly job: JobView;
  readonly earlier: Earlier | null;
  /** The pages of an outcome, read while they are written. */
  readonly pagesOf: (outcome: Outcome) => AsyncIterable<Page>;
}

/** What failed comes first. */
const ORDER: readonly Outcome[] = [...FAILURES, ...OUTCOMES.filter((outcome) => !isFailure(outcome))];

/**
 * A job as a JUnit report, as Jenkins and GitLab read it: a suite for each outcome, a test case for each page. A case
 * keeps its name whatever becomes of its page, so that they can tell since when it fails.
 */
export async function* toJUnit({ job, earlier, pagesOf }: JUnitSource): AsyncGenerator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield startTag("testsuites", { name: headlineOf(job.counts.total, job.outcomes) });
  yield* jobSuite(job, earlier);
  for (const outcome of ORDER) {
    const pages = job.outcomes[outcome];
    if (pages === 0) continue;
    const countedAs = isFailure(outcome) ? "failures" : outcome === "ok" ? null : "skipped";
    yield suiteStart(job, outcome, pages, countedAs);
    for await (const page of pagesOf(outcome)) yield pageCase(job, page, earlier);
    yield endTag("testsuite");
  }
  yield endTag("testsuites");
}

/** Whether the site was checked at all: of a job that failed, no page could say so. */
function* jobSuite(job: JobView, earlier: Earlier | null): Generator<string> {
  const { id, url, domain, status, failure, counts, outcomes } = job;
  const isDone = status === "completed" && outcomes.ok + outcomes.broken > 0;
  yield suiteStart(job, "job", 1, isDone ? null : "failures");
  yield startTag("properties");
  yield element("property", { name: "job", value: id });
  yield element("property", { name: "headline", value: headlineOf(counts.total, outcomes) });
  if (earlier !== null) yield element("property", { name: "comparedWith", value: earlier.job });
  yield endTag("properties");
  yield startTag("testcase", { classname: `${domain}.job`, name: url });
  const expected =
    status === "completed"
      ? "expected some page to be checked, got none"
      : `expected the job to be completed, got ${status}`;
  const message = failure === null ? expected : `${expected}: ${failure}`;
  if (!isDone) yield element("failure", { message, type: status }, message);
  yield endTag("testcase");
  yield endTag("testsuite");
}

/** @param countedAs what the cases of the suite are where they do not pass. */
function suiteStart(
  { domain, startedAt }: JobView,
  name: string,
  tests: number,
  countedAs: "failures" | "skipped" | null,
): string {
  return startTag("testsuite", {
    name: `${domain}: ${name}`,
    ...{ tests, failures: 0, errors: 0, skipped: 0 },
    ...(countedAs === null ? {} : { [countedAs]: tests }),
    ...(startedAt === null ? {} : { timestamp: startedAt.toISOString().slice(0, 19) }),
  });
}

function pageCase({ domain }: JobView, page: Page, earlier: Earlier | null): string {
  const seconds = page.ttfbMs === null ? {} : { time: page.ttfbMs / 1_000 };
  const start = startTag("testcase", { classname: `${domain}.pages`, name: page.url, ...seconds });
  return `${start}${resultOf(page, earlier)}${endTag("testcase")}`;
}

function resultOf(page: Page, earlier: Earlier | null): string {
  const { outcome } = page;
  const reason = page.reason ?? String(outcome);
  if (isFailure(outcome)) return failureOf(page, outcome, earlier);
  if (outcome !== "ok") return element("skipped", { message: reason });
  const before = earlier && changeOf(page, earlier) && earlier.failed.get(page.url)!;
  const notes = [
    ...(before === null ? [] : [`fixed; ${before.outcome} in job ${earlier!.job}: ${before.reason ?? ""}`]),
    ...(page.reason === null ? [] : [`${page.cache}: ${reason}`]),
  ];
  return notes.length === 0 ? "" : element("system-out", {}, ...notes);
}

const SAID: Readonly<Record<Change, string>> = {
  new: "new",
  firstSeen: "first seen",
  fixed: "fixed",
  still: "still",
};

function failureOf(page: Page, type: string, earlier: Earlier | null): string {
  const { status, foundOn } = page;
  const reason = page.reason ?? type;
  const change = earlier && changeOf(page, earlier);
  const lines = [
    reason,
    ...(status === null ? [] : [`status: ${status}`]),
    ...(foundOn === null ? [] : [`found on: ${foundOn}`]),
    ...(change === null ? [] : [`${SAID[change]}, compared with job ${earlier!.job}`]),
  ];
  return element(
    "failure",
    { message: change === null ? reason : `${reason} (${SAID[change]})`, type },
    ...lines,
  );
}
