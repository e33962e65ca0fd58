import {
  byFleet,
  type Fleet,
  fleetName,
  fleetNamed,
  isSameFleet,
  type LiveFleet,
  type Overload,
  type Usage,
  type VisitCounts,
} from "@bee/core";
import type { Redis } from "ioredis";
import { type Count, tellCounts } from "./fleet-totals.ts";
import { connectionsKey, fleetsKey, regionsKey, scalingKey, workerKey, workersKey } from "./keys.ts";
import type { Runnable } from "./queue-age.ts";

/** How a worker does: what it uses of its machine, and how its visits of the last monitor interval went. */
export interface Vitals extends Usage {
  readonly overload: Overload | null;
  /** Milliseconds that sites took to answer, bodies included: 95 of 100 visits took no longer; null without a request. */
  readonly p95Ms: number | null;
  /** The mean of the same. */
  readonly meanMs: number | null;
  /** Mean milliseconds for which visits held their slots, waits at gates and for Postgres included. */
  readonly taskMs: number | null;
  readonly visits: VisitCounts;
}

/** What went wrong with a fleet's workers of late. */
export interface WorkerTroubles {
  /** Workers in a row that ended before they worked. */
  readonly failedStarts: number;
  /** Workers replaced in the last five minutes because they lived and did not work. */
  readonly stuck: number;
}

/** What the scaler that leads a fleet says of it. */
export interface ScalingReport {
  /** How many workers there should be. */
  readonly desired: number;
  readonly runnable: Runnable;
  readonly troubles: WorkerTroubles;
}

/** A fleet whose scaler lives. */
export type ScaledFleet = Fleet & ScalingReport;

/** What a worker says of itself with each heartbeat. */
export interface WorkerReport extends Vitals {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly region: string;
  readonly class: string;
  /** `holding`: it takes nothing while Postgres is away. */
  readonly state: "starting" | "working" | "holding" | "stopping";
  readonly slots: number;
  readonly busy: number;
  /** Slots that it can fill; fewer than it has while its event loop is late. */
  readonly usable: number;
  /** Mean milliseconds by which its event loop was late. */
  readonly lagMs: number;
  /** Milliseconds that Redis took for its last heartbeat. */
  readonly redisMs: number;
  /** Milliseconds since it last took a task; null before the first. */
  readonly sinceTakenMs: number | null;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Set by the process that spawned it: who may retire it. */
  readonly owner: string | null;
}

/** What the workers of all fleets claim of the database's connections, the one that asks included. */
export interface ClaimedConnections {
  readonly workers: number;
  /** What they may open together. */
  readonly connections: number;
  /** Scalers that live, each with connections of its own. */
  readonly scalers: number;
}

/** Scalers claim beside the workers, under ids that no worker has. */
const SCALER = "scaler:";

/** Heartbeats come this often; a worker that missed seven is gone. */
export const HEARTBEAT_MS = 2_000;
export const GONE_MS = 15_000;

/** A region that nobody has come back to for an hour is not missed any more. */
const MISSED_MS = 3_600_000;

/** Which workers live, whoever started them. */
export class FleetRegistry {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /**
   * @param connections how many database connections the worker may open from now on.
   * @param counts what it has counted and not told yet.
   * @returns what all workers together claim. Two that claim at once see each other's claim: one transaction does both.
   */
  async report(
    worker: WorkerReport,
    connections: number,
    counts: readonly Count[] = [],
  ): Promise<ClaimedConnections> {
    const multi = this.#redis.multi();
    tellCounts(multi, worker.id, counts);
    const replies = await multi
      .set(workerKey(worker.id), JSON.stringify(worker), "PX", GONE_MS)
      .zadd(workersKey(), Date.now(), worker.id)
      .zadd(regionsKey(), Date.now(), worker.region)
      .hset(connectionsKey(), worker.id, connections)
      .hgetall(connectionsKey())
      .exec();
    return sumClaims(replies!.at(-1)![1] as Record<string, string>);
  }

  /** A scaler lives, and holds connections of its own. @returns what all workers together claim. */
  async reportScaler(name: string, connections: number): Promise<ClaimedConnections> {
    const id = `${SCALER}${name}`;
    const replies = await this.#redis
      .multi()
      .set(workerKey(id), "null", "PX", GONE_MS)
      .zadd(workersKey(), Date.now(), id)
      .hset(connectionsKey(), id, connections)
      .hgetall(connectionsKey())
      .exec();
    return sumClaims(replies!.at(-1)![1] as Record<string, string>);
  }

  async leaveScaler(name: string): Promise<void> {
    await this.leave(`${SCALER}${name}`);
  }

  async readClaims(): Promise<ClaimedConnections> {
    return sumClaims(await this.#redis.hgetall(connectionsKey()));
  }

  /**
   * @param region of a worker that ends in order: should it be the last there, nobody is missed. Others that live there
   * say so with their next heartbeat.
   */
  async leave(id: string, counts: readonly Count[] = [], region?: string): Promise<void> {
    const multi = this.#redis.multi();
    tellCounts(multi, id, counts);
    if (region !== undefined) multi.zrem(regionsKey(), region);
    await multi.del(workerKey(id)).zrem(workersKey(), id).hdel(connectionsKey(), id).exec();
  }

  /** A leader reports on its fleet; the report lapses with the scaler that renews it. */
  async reportScaling(fleet: Fleet, report: ScalingReport): Promise<void> {
    await this.#redis
      .multi()
      .set(scalingKey(fleet), JSON.stringify(report), "PX", GONE_MS)
      .sadd(fleetsKey(), fleetName(fleet))
      .exec();
  }

  /** How many workers a fleet should have, and why; null while no scaler lives. */
  async readScaling(fleet: Fleet): Promise<ScalingReport | null> {
    const report = await this.#redis.get(scalingKey(fleet));
    return report === null ? null : JSON.parse(report);
  }

  /** The fleets that have a scaler, with what it says of them. */
  async listScaled(): Promise<ScaledFleet[]> {
    const fleets = (await this.#redis.smembers(fleetsKey())).map(fleetNamed);
    if (fleets.length === 0) return [];
    const reports = await this.#redis.mget(fleets.map(scalingKey));
    return fleets.flatMap((fleet, i) =>
      reports[i] == null ? [] : [{ ...fleet, ...JSON.parse(reports[i]) }],
    );
  }

  /** Of regions that had workers in the last hour, those whose last one ended without leaving. */
  async listLostRegions(workers: readonly WorkerReport[]): Promise<string[]> {
    const key = regionsKey();
    await this.#redis.zremrangebyscore(key, "-inf", Date.now() - MISSED_MS);
    const lately = await this.#redis.zrange(key, "0", "-1");
    return lately.filter((region) => !workers.some((worker) => worker.region === region));
  }

  /** The living workers, of all fleets, in the order of their start; forgets those that are gone, and what they claimed. */
  async list(): Promise<WorkerReport[]> {
    const ids = await this.#redis.zrange(workersKey(), "0", "-1");
    if (ids.length === 0) return [];
    const reports = await this.#redis.mget(ids.map((id) => workerKey(id)));
    const gone = ids.filter((_, i) => reports[i] === null);
    if (gone.length > 0) {
      await this.#redis
        .multi()
        .zrem(workersKey(), ...gone)
        .hdel(connectionsKey(), ...gone)
        .exec();
    }
    return (
      reports
        .filter((report) => report !== null)
        .map((report): WorkerReport | null => JSON.parse(report))
        // Scalers are among them, so that they are forgotten in the same way.
        .filter((report) => report !== null)
        .sort((a, b) => a.startedAt.localeCompare(b.startedAt))
    );
  }
}

function sumClaims(claims: Readonly<Record<string, string>>): ClaimedConnections {
  const ofWorkers = Object.keys(claims).filter((id) => !id.startsWith(SCALER));
  return {
    workers: ofWorkers.length,
    connections: ofWorkers.reduce((sum, id) => sum + Number(claims[id]), 0),
    scalers: Object.keys(claims).length - ofWorkers.length,
  };
}

/** The fleet that a worker belongs to. */
export function fleetOf({ region, class: workerClass }: WorkerReport): Fleet {
  return { region, workerClass };
}

/** Of these workers, those of one fleet. */
export function workersOf(fleet: Fleet, workers: readonly WorkerReport[]): WorkerReport[] {
  return workers.filter((worker) => isSameFleet(fleetOf(worker), fleet));
}

/**
 * The fleets of these workers, and how full each is. One whose last worker stops is not among them; a worker that starts
 * or holds has no room: it takes nothing yet.
 */
export function liveFleets(workers: readonly WorkerReport[]): LiveFleet[] {
  const staying = workers.filter(({ state }) => state !== "stopping");
  const slots = staying.map((worker) => ({
    ...fleetOf(worker),
    busy: worker.busy,
    usable: worker.state === "working" ? worker.usable : 0,
  }));
  return byFleet(slots).map(({ fleet, of }) => ({
    ...fleet,
    busy: of.reduce((sum, { busy }) => sum + busy, 0),
    usable: of.reduce((sum, { usable }) => sum + usable, 0),
  }));
}

/** All fleets that there are: those that have workers that stay, a scaler or jobs. */
export function allFleets(
  workers: readonly WorkerReport[],
  scaled: readonly Fleet[],
  withJobs: readonly Fleet[],
): Fleet[] {
  return byFleet([...liveFleets(workers), ...scaled, ...withJobs]).map(({ fleet }) => fleet);
}

/** Work that waits for a slot, in all of these fleets. */
export function sumRunnable(fleets: readonly ScaledFleet[]): Runnable {
  return {
    tasks: fleets.reduce((sum, { runnable }) => sum + runnable.tasks, 0),
    oldestMs: Math.max(0, ...fleets.map(({ runnable }) => runnable.oldestMs)),
  };
}
