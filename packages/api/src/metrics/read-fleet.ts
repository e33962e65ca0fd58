import { type FleetLoad, fleetLoad, messageOf, type PerTier, within } from "@bee/core";
import {
  allFleets,
  type CanaryVerdict,
  type FleetTotals,
  type QueueCounts,
  type RedisMemory,
  type Runnable,
  readCanaryVerdict,
  readRedisMemory,
  readTotals,
  type ScaledFleet,
  sumRunnable,
  type WorkerReport,
} from "@bee/queue";
import {
  type ClosedDomains,
  countClosedDomains,
  countConnections,
  countJobsByRegion,
  type FailingChannel,
  listFleetsWithJobs,
  type OpenConnections,
  readFailingChannels,
  readWorkload,
} from "@bee/store";
import type { Parts } from "../parts.ts";

const STORE_MS = 2_000;
/** Of those: what Redis knows is told also while Postgres is away. */
const JOBS_MS = 1_000;

/** What Redis knows of the fleet. */
export interface InRedis {
  readonly workers: readonly WorkerReport[];
  /** Those whose last worker ended without leaving. */
  readonly lostRegions: readonly string[];
  readonly load: FleetLoad;
  /** The fleets that have a scaler. */
  readonly scaled: readonly ScaledFleet[];
  readonly desired: number | null;
  readonly runnable: Runnable | null;
  readonly queues: PerTier<QueueCounts>;
  readonly totals: FleetTotals;
  readonly memory: RedisMemory;
  /** Null while nobody checks. */
  readonly canary: CanaryVerdict | null;
}

/** What Postgres knows. */
export interface InPostgres {
  readonly connections: OpenConnections;
  readonly activeJobs: number;
  readonly pendingPages: number;
  readonly closed: ClosedDomains;
  readonly jobsByRegion: ReadonlyMap<string, number>;
  /** Of the channels of alerts. */
  readonly failing: readonly FailingChannel[];
}

/** The fleet at one moment; null of a store that does not answer. */
export interface FleetNow {
  readonly redis: InRedis | null;
  readonly postgres: InPostgres | null;
}

export type FleetParts = Pick<Parts, "config" | "db" | "redis" | "queues" | "registry" | "log">;

export async function readFleet(parts: FleetParts): Promise<FleetNow> {
  const orNull = async <T>(store: string, read: Promise<T>): Promise<T | null> => {
    try {
      return await within(STORE_MS, store, read);
    } catch (error) {
      parts.log.debug("a store does not answer", { store, error: messageOf(error) });
      return null;
    }
  };
  const [redis, postgres] = await Promise.all([
    orNull("Redis", readRedis(parts)),
    orNull("Postgres", readPostgres(parts)),
  ]);
  return { redis, postgres };
}

async function readRedis({ db, redis, registry, queues }: FleetParts): Promise<InRedis> {
  const [workers, scaled, withJobs, totals, memory, canary] = await Promise.all([
    registry.list(),
    registry.listScaled(),
    within(JOBS_MS, "Postgres", listFleetsWithJobs(db)).catch(() => []),
    readTotals(redis),
    readRedisMemory(redis),
    readCanaryVerdict(redis),
  ]);
  const known = scaled.length > 0;
  return {
    workers,
    lostRegions: await registry.listLostRegions(workers),
    load: fleetLoad(workers),
    scaled,
    desired: known ? scaled.reduce((sum, { desired }) => sum + desired, 0) : null,
    runnable: known ? sumRunnable(scaled) : null,
    queues: await queues.counts(allFleets(workers, scaled, withJobs)),
    totals,
    memory,
    canary,
  };
}

async function readPostgres({ config, db }: FleetParts): Promise<InPostgres> {
  const [connections, workload, closed, jobsByRegion, failing] = await Promise.all([
    countConnections(db),
    readWorkload(db),
    countClosedDomains(db),
    countJobsByRegion(db),
    readFailingChannels(db, Object.keys(config.alerts.channels)),
  ]);
  return { connections, ...workload, closed, jobsByRegion, failing };
}
