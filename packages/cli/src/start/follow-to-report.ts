import type { ApiClient } from "../client/api-client.ts";
import { followJob } from "../client/follow-job.ts";
import { donePages, type Progress } from "../client/progress.ts";
import { untilAnswered } from "../client/until-answered.ts";
import type { WireJob, WireReport } from "../client/wire.ts";
import { progressDisplay } from "../show/progress-display.ts";
import { count } from "../show/text.ts";
import type { Session } from "./session.ts";

/** Follows a job with live progress. @returns the report; null when stopping was asked for before. */
export async function followToReport(
  api: ApiClient,
  job: WireJob,
  { steps, stop }: Session,
): Promise<WireReport | null> {
  const display = progressDisplay(process.stderr);
  let isFirst = true;
  const onProgress = (progress: Progress) => {
    if (isFirst && donePages(progress.job) > 0) {
      isFirst = false;
      display.end();
      steps.done("first page", job.url);
    }
    display.show(progress);
  };
  const ended = await followJob({ api, job, signal: stop.asked, onProgress });
  display.end();
  if (ended === null) return null;
  const report = await untilAnswered(() => api.report(job.id));
  steps.done("report", count(report.summary.pages, "page"));
  return report;
}
