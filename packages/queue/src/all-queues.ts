import { byFleet, type Fleet, fleetName, type PerTier, type Tier } from "@bee/core";
import type { Redis } from "ioredis";
import { type Dispatch, type QueueCounts, Queues, sumCounts } from "./queues.ts";

/** What Postgres released, each part for the fleet of its job. */
export interface FleetDispatch {
  readonly visits: readonly (Dispatch["visits"][number] & Fleet)[];
  readonly wakes: readonly (Dispatch["wakes"][number] & Fleet)[];
  readonly expansions: readonly (Dispatch["expansions"][number] & Fleet)[];
}

/** A task that may be in the queues of its fleet. */
export interface SoughtTask extends Fleet {
  readonly id: string;
  readonly tier: Tier;
}

/**
 * The queues of all fleets that share a Redis: what one worker settles may release pages of another fleet's jobs, for a
 * domain's jobs need not be of one.
 */
export class AllQueues {
  readonly #connection: Redis;
  readonly #fleets = new Map<string, Queues>();

  constructor(connection: Redis) {
    this.#connection = connection;
  }

  of(fleet: Fleet): Queues {
    const name = fleetName(fleet);
    const queues = this.#fleets.get(name) ?? new Queues(this.#connection, fleet.region, fleet.workerClass);
    this.#fleets.set(name, queues);
    return queues;
  }

  /** Puts what Postgres released into the queues of its fleets. */
  async dispatch({ visits, wakes, expansions }: FleetDispatch): Promise<void> {
    await Promise.all([
      ...byFleet(visits).map(({ fleet, of }) => this.of(fleet).addVisits(of)),
      ...byFleet(wakes).map(({ fleet, of }) => this.of(fleet).addWakes(of)),
      this.addExpansions(expansions),
    ]);
  }

  async addExpansions(expansions: FleetDispatch["expansions"]): Promise<void> {
    await Promise.all(byFleet(expansions).map(({ fleet, of }) => this.of(fleet).addExpansions(of)));
  }

  async addWakes(wakes: FleetDispatch["wakes"]): Promise<void> {
    await Promise.all(byFleet(wakes).map(({ fleet, of }) => this.of(fleet).addWakes(of)));
  }

  /** Of these task ids, those whose task no longer exists. */
  async missing(tasks: readonly SoughtTask[]): Promise<Set<string>> {
    const missing = await Promise.all(byFleet(tasks).map(({ fleet, of }) => this.of(fleet).missing(of)));
    return new Set(missing.flatMap((ids) => [...ids]));
  }

  /** What is in the queues of these fleets together; one named twice is counted once. */
  async counts(fleets: readonly Fleet[]): Promise<PerTier<QueueCounts>> {
    return sumCounts(await Promise.all(byFleet(fleets).map(({ fleet }) => this.of(fleet).counts())));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#fleets.values()].map((queues) => queues.close()));
  }
}
