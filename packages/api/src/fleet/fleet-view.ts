import { desiredWorkers, type Fleet, type PerTier, within } from "@bee/core";
import { allFleets, liveFleets, type QueueCounts, type WorkerReport, workersOf } from "@bee/queue";
import { listFleetsWithJobs, readWorkload } from "@bee/store";
import type { Parts } from "../parts.ts";

export const REDIS_MS = 2_000;

/** One region and class of those that share a Redis. */
export interface FleetView {
  readonly region: string;
  readonly class: string;
  readonly workers: number;
  readonly desired: number;
  /** Slots of its workers: those taken, and those that they can fill. */
  readonly busy: number;
  readonly usable: number;
  readonly queues: PerTier<QueueCounts>;
}

/** The fleets that have workers, a scaler or jobs; the API's own where none has. */
export async function listFleets(parts: Parts, workers: readonly WorkerReport[]): Promise<Fleet[]> {
  const [scaled, withJobs] = await Promise.all([
    within(REDIS_MS, "Redis", parts.registry.listScaled()),
    listFleetsWithJobs(parts.db),
  ]);
  const known = allFleets(workers, scaled, withJobs);
  const { region, workerClass } = parts.config;
  return known.length > 0 ? known : [{ region, workerClass }];
}

export async function viewFleets(parts: Parts, workers: readonly WorkerReport[]): Promise<FleetView[]> {
  const fleets = await listFleets(parts, workers);
  return Promise.all(
    fleets.map(async (fleet): Promise<FleetView> => {
      const [{ busy, usable } = { busy: 0, usable: 0 }] = liveFleets(workersOf(fleet, workers));
      return {
        region: fleet.region,
        class: fleet.workerClass,
        workers: workersOf(fleet, workers).length,
        desired: await readDesired(parts, fleet),
        busy,
        usable,
        queues: await within(REDIS_MS, "Redis", parts.queues.of(fleet).counts()),
      };
    }),
  );
}

/** What a fleet's scaler wants; where none lives (somebody else scales), what the law says. */
export async function readDesired({ db, registry, config }: Parts, fleet: Fleet): Promise<number> {
  const scaling = await within(REDIS_MS, "Redis", registry.readScaling(fleet));
  return scaling?.desired ?? desiredWorkers((await readWorkload(db, fleet)).activeJobs, config.workers);
}

/** What is wanted of all fleets together. */
export async function readDesiredOfAll(parts: Parts): Promise<number> {
  const fleets = await listFleets(parts, await within(REDIS_MS, "Redis", parts.registry.list()));
  const desired = await Promise.all(fleets.map((fleet) => readDesired(parts, fleet)));
  return desired.reduce((sum, workers) => sum + workers, 0);
}
