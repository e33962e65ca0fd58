import { JOB_ORDERS, type JobOrder } from "@bee/core";
import { type ApiOptions, findApi } from "../client/find-api.ts";
import { askAboutJob } from "../client/job-id.ts";
import { JOB_FIELDS } from "../client/wire.ts";
import { EXIT } from "../exit-codes.ts";
import { jobText } from "../show/job-text.ts";
import { screenOf } from "../show/screen.ts";
import { printJson } from "./print-json.ts";
import { watch } from "./watch.ts";

export interface JobOptions extends ApiOptions, Partial<Record<JobOrder, boolean>> {
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** Shows one job, after an order if one is given: at once, or when it has ended. */
export async function job(id: string, options: JobOptions): Promise<number> {
  const api = findApi(options);
  const order = JOB_ORDERS.find((name) => options[name]);
  const first = await askAboutJob(id, (path) =>
    order ? api.post(`${path}/${order}`, JOB_FIELDS) : api.get(path, JOB_FIELDS),
  );
  const shown = options.watch ? await watch(api, first) : first;
  if (shown === null) return EXIT.interrupted;
  if (options.json) printJson(shown);
  else process.stdout.write(jobText(shown, screenOf(process.stdout)));
  return EXIT.fine;
}
