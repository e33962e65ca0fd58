import { type ApiOptions, findApi } from "../client/find-api.ts";
import { JOBS_FIELDS } from "../client/wire.ts";
import { EXIT } from "../exit-codes.ts";
import { jobsText } from "../show/job-text.ts";
import { screenOf } from "../show/screen.ts";
import { printJson } from "./print-json.ts";

export interface JobsOptions extends ApiOptions {
  readonly limit: number;
  readonly json?: boolean;
}

/** Lists the newest jobs. */
export async function jobs({ limit, json, ...options }: JobsOptions): Promise<number> {
  const list = await findApi(options).get(`/v1/jobs?limit=${limit}`, JOBS_FIELDS);
  if (json) printJson(list);
  else process.stdout.write(jobsText(list.jobs, screenOf(process.stdout)));
  return EXIT.fine;
}
