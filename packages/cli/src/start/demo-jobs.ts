import { ACTIVE_STATUSES, type JobStatus } from "@bee/core";
import type { ApiClient } from "../client/api-client.ts";
import { JOB_FIELDS, JOBS_FIELDS } from "../client/wire.ts";

const DEMO_DOMAIN = /^garden-[0-9a-z]+\.test$/;

/** A name of its own for each demo site: neither its circuit nor its cache is that of an earlier one. */
export function newDemoHost(): string {
  return `garden-${Date.now().toString(36)}.test`;
}

const UNFINISHED: readonly JobStatus[] = [...ACTIVE_STATUSES, "paused"];
const LIMIT = 200;
/** Nobody who stops waits longer for a courtesy. */
const CANCEL_MS = 2_000;

/**
 * Cancels the demo jobs of starts that were killed: their sites are gone, and the fleet would go on with them, with
 * workers for each.
 */
export async function cancelLeftDemos(api: ApiClient): Promise<void> {
  const lists = await Promise.all(
    UNFINISHED.map((status) => api.get(`/v1/jobs?status=${status}&limit=${LIMIT}`, JOBS_FIELDS)),
  );
  const left = lists.flatMap(({ jobs }) => jobs).filter(({ domain }) => DEMO_DOMAIN.test(domain));
  await Promise.all(left.map(({ id }) => tryToCancel(api, id)));
}

/** As far as it can be done in a moment: a job may have ended, a fleet may be gone. */
export async function tryToCancel(api: ApiClient, id: string): Promise<void> {
  await api
    .post(`/v1/jobs/${id}/cancel`, JOB_FIELDS, undefined, AbortSignal.timeout(CANCEL_MS))
    .catch(() => {});
}
