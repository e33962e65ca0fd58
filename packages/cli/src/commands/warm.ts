import type { ApiClient } from "../client/api-client.ts";
import { type ApiOptions, findApi } from "../client/find-api.ts";
import type { Site } from "../client/site.ts";
import { untilAnswered } from "../client/until-answered.ts";
import { JOB_FIELDS, type WireJob, type WireReport } from "../client/wire.ts";
import { EXIT } from "../exit-codes.ts";
import { hintsOf } from "../show/hints.ts";
import { reportText } from "../show/report/report-text.ts";
import { screenOf } from "../show/screen.ts";
import { type FailOn, problemsOf } from "./fail-on.ts";
import { printJson } from "./print-json.ts";
import { watch } from "./watch.ts";

export interface WarmOptions extends ApiOptions {
  readonly maxPages?: number;
  /** Told by the fleet when the job has completed or failed. */
  readonly webhook?: string;
  readonly failOn: readonly FailOn[];
  readonly json?: boolean;
}

/** Submits a site, follows the job to its end and prints the report. */
export async function warm(site: Site, options: WarmOptions): Promise<number> {
  const api = findApi(options);
  const job = await submit(api, site, options);
  process.stderr.write(`Job ${job.id}, tier ${job.tier}: ${job.url}\n`);
  const ended = await watch(api, job);
  if (ended === null) return EXIT.interrupted;
  const report = await untilAnswered(() => api.report(job.id));
  if (options.json) printJson(report);
  else process.stdout.write(reportText(report, screenOf(process.stdout)));
  return verdict(report, options.failOn);
}

export function submit(
  api: ApiClient,
  site: Site,
  { maxPages, webhook }: Pick<WarmOptions, "maxPages" | "webhook"> = {},
): Promise<WireJob> {
  return api.post("/v1/jobs", JOB_FIELDS, {
    ...site,
    ...(maxPages === undefined ? {} : { maxPages }),
    ...(webhook === undefined ? {} : { webhookUrl: webhook }),
  });
}

function verdict(report: WireReport, failOn: readonly FailOn[]): number {
  const problems = problemsOf(report, failOn);
  const lines = [...problems, ...hintsOf(report)];
  if (lines.length > 0) process.stderr.write(`\n${lines.join("\n")}\n`);
  return problems.length === 0 ? EXIT.fine : EXIT.findings;
}
