import type { ApiClient } from "../client/api-client.ts";
import { ApiProblem } from "../client/api-client.ts";
import { type ApiOptions, findApi } from "../client/find-api.ts";
import type { QuietHours } from "../client/schedule-options.ts";
import type { Site } from "../client/site.ts";
import { SCHEDULE_FIELDS, SCHEDULES_FIELDS, type WireSchedule } from "../client/wire.ts";
import { BEE } from "../command-name.ts";
import { CommandError, EXIT } from "../exit-codes.ts";
import { schedulesText, scheduleText } from "../show/schedule-text.ts";
import { screenOf } from "../show/screen.ts";
import { printJson } from "./print-json.ts";

interface Printed extends ApiOptions {
  readonly json?: boolean;
}

export interface CreateScheduleOptions extends Printed {
  readonly name?: string;
  readonly cron?: string;
  /** Milliseconds. */
  readonly every?: number;
  readonly timeZone?: string;
  readonly jitter?: number;
  readonly quiet?: QuietHours;
  readonly overlap?: string;
  readonly missed?: string;
  readonly maxPages?: number;
}

/** Lists the newest schedules. */
export async function listSchedules({ limit, json, ...options }: Printed & { readonly limit: number }) {
  const list = await findApi(options).get(`/v1/schedules?limit=${limit}`, SCHEDULES_FIELDS);
  if (json) printJson(list);
  else process.stdout.write(schedulesText(list.schedules, screenOf(process.stdout)));
  return EXIT.fine;
}

/** Submits a site again and again. */
export async function createSchedule(site: Site, options: CreateScheduleOptions): Promise<number> {
  const { name, cron, every, timeZone, jitter, quiet, overlap, missed, maxPages } = options;
  // What is left out is not sent: the API's defaults hold.
  const schedule = await findApi(options).post("/v1/schedules", SCHEDULE_FIELDS, {
    name: name ?? ("url" in site ? site.url : site.domain).slice(0, 100),
    job: { ...site, maxPages },
    ...{ cron, everySeconds: secondsOf(every), timeZone, jitterSeconds: secondsOf(jitter) },
    ...{ quietHours: quiet, overlap, missed },
  });
  return print(schedule, options);
}

/** Keeps a schedule from being due, or lets it be due again. */
export async function orderSchedule(
  order: "pause" | "resume",
  id: string,
  options: Printed,
): Promise<number> {
  const schedule = await askAbout(id, options, (api, path) => api.post(`${path}/${order}`, SCHEDULE_FIELDS));
  return print(schedule, options);
}

/** Removes a schedule; what it has started goes on. */
export async function removeSchedule(id: string, options: ApiOptions): Promise<number> {
  await askAbout(id, options, (api, path) => api.remove(path));
  process.stdout.write("The schedule is removed\n");
  return EXIT.fine;
}

function print(schedule: WireSchedule, { json }: Printed): number {
  if (json) printJson(schedule);
  else process.stdout.write(scheduleText(schedule));
  return EXIT.fine;
}

const secondsOf = (ms: number | undefined) => (ms === undefined ? undefined : ms / 1_000);

async function askAbout<T>(
  id: string,
  options: ApiOptions,
  ask: (api: ApiClient, path: string) => Promise<T>,
): Promise<T> {
  try {
    return await ask(findApi(options), `/v1/schedules/${id}`);
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
    throw new CommandError(
      `expected the id of a schedule that this key may see, got ${id}; \`${BEE} schedules list\` lists them`,
      undefined,
      error,
    );
  }
}
