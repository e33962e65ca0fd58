import { type ApiOptions, findApi } from "../client/find-api.ts";
import { askAboutJob } from "../client/job-id.ts";
import type { WireReport } from "../client/wire.ts";
import { EXIT } from "../exit-codes.ts";
import { reportText } from "../show/report/report-text.ts";
import { screenOf } from "../show/screen.ts";

export interface ReportOptions extends ApiOptions {
  readonly format: string;
}

/** Prints the report of a job. All formats but the table are the API's own, passed on as they come. */
export async function report(id: string, { format, ...options }: ReportOptions): Promise<number> {
  const api = findApi(options);
  const text = await askAboutJob(id, async (job) =>
    format === "table"
      ? reportText(await api.get<WireReport>(`${job}/report`), screenOf(process.stdout))
      : api.text(`${job}/report?format=${format}`),
  );
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return EXIT.fine;
}
