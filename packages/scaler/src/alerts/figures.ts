import { type AlertReading, count, countVisits, fleetName } from "@bee/core";
import type { RedisMemory, Runnable, ScaledFleet, WorkerReport } from "@bee/queue";
import type { FailingChannel, FailingWebhook } from "@bee/store";

/** Of fewer visits the share that failed says nothing: one page of ten is 10 %. */
const ENOUGH_VISITS = 50;

/** The one reading of an alert that has no subjects. */
const only = (value: number, detail: string): AlertReading[] => [{ subject: "", value, detail }];

export function queueDepth({ tasks }: Runnable): AlertReading[] {
  return only(tasks, `${count(tasks, "task")} could be carried out now and ${is(tasks)} not taken`);
}

/** Of the fleet: each worker's p95 counts by its visits. Where nothing is asked nothing is slow. */
export function responseTime(workers: readonly WorkerReport[]): AlertReading[] {
  const known = workers.flatMap(({ p95Ms, visits }) =>
    p95Ms === null ? [] : [{ p95Ms, made: countVisits(visits).made }],
  );
  const made = known.reduce((sum, worker) => sum + worker.made, 0);
  const p95Ms = known.reduce((sum, worker) => sum + worker.p95Ms * worker.made, 0) / Math.max(1, made);
  return only(
    Math.round(p95Ms),
    `sites take ${Math.round(p95Ms)} ms to answer (p95 of ${count(made, "visit")})`,
  );
}

export function errorRate(workers: readonly WorkerReport[]): AlertReading[] {
  const counts = workers.map(({ visits }) => countVisits(visits));
  const made = counts.reduce((sum, worker) => sum + worker.made, 0);
  const failed = counts.reduce((sum, worker) => sum + worker.failed, 0);
  const share = made < ENOUGH_VISITS ? 0 : failed / made;
  return only(share, `${failed} of ${count(made, "visit")} failed`);
}

/** One reading of each fleet that has a scaler. */
export function crashLoop(fleets: readonly ScaledFleet[]): AlertReading[] {
  return fleets.map(({ troubles: { failedStarts }, ...fleet }) => ({
    subject: fleetName(fleet),
    value: failedStarts,
    detail: `${count(failedStarts, "worker")} in a row ended before ${they(failedStarts)} worked`,
  }));
}

/** One reading of each fleet that has a scaler. */
export function stuckWorkers(fleets: readonly ScaledFleet[]): AlertReading[] {
  return fleets.map(({ troubles: { stuck }, ...fleet }) => ({
    subject: fleetName(fleet),
    value: stuck,
    detail: `${count(stuck, "worker")} lived and did not work, and ${were(stuck)} replaced in five minutes`,
  }));
}

/** @param stillMs for how long nothing has been done. */
export function noProgress(runnable: Runnable, stillMs: number): AlertReading[] {
  const seconds = Math.round(Math.min(runnable.oldestMs, stillMs) / 1_000);
  return only(
    seconds,
    `${count(runnable.tasks, "task")} could be carried out and nothing was done for ${seconds} s`,
  );
}

/** One without a limit is never near it. */
export function redisMemory({ used, limit }: RedisMemory): AlertReading[] {
  const share = limit === null ? 0 : used / limit;
  return only(
    share,
    `Redis uses ${mebibytes(used)} of ${limit === null ? "what it wants" : mebibytes(limit)}`,
  );
}

/**
 * One reading of each region that has jobs or that is lost: one that is lost has none left once they are others'.
 *
 * @param lost regions whose workers have ended without leaving.
 */
export function deadRegions(
  jobs: ReadonlyMap<string, number>,
  workers: readonly WorkerReport[],
  lost: readonly string[],
): AlertReading[] {
  const live = new Set(workers.filter(({ state }) => state !== "stopping").map(({ region }) => region));
  return [...new Set([...jobs.keys(), ...lost])].map((region) => {
    if (live.has(region)) return { subject: region, value: 0, detail: `workers live in region ${region}` };
    const waiting = jobs.get(region) ?? 0;
    return {
      subject: region,
      value: Math.max(1, waiting),
      detail: `no worker lives in region ${region}, which has ${count(waiting, "job")}`,
    };
  });
}

export function failingChannels(failing: readonly FailingChannel[]): AlertReading[] {
  return failing.map(({ channel, tries, failure }) => ({
    subject: channel,
    value: tries,
    detail: `channel ${channel} did not take ${count(tries, "try", "tries")} in a row: ${failure}`,
  }));
}

/** Their addresses may hold secrets in path and query, so only the host is told. */
export function failingWebhooks(failing: readonly FailingWebhook[]): AlertReading[] {
  return failing.map(({ id, url, failures, failure, disabled }) => ({
    subject: id,
    value: failures,
    detail: `the webhook at ${new URL(url).host} did not take ${count(failures, "try", "tries")} in a row${disabled ? " and is disabled" : ""}: ${failure}`,
  }));
}

const is = (n: number) => (n === 1 ? "is" : "are");
const were = (n: number) => (n === 1 ? "was" : "were");
const they = (n: number) => (n === 1 ? "it" : "they");

const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
