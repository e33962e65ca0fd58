import {
  countTimes,
  countVisits,
  type FleetLoad,
  fleetLoad,
  type Log,
  mayShrink,
  meanTime,
  perTier,
  quantile,
  type ScalingBounds,
  TIERS,
  type Times,
  type VisitCounts,
} from "@bee/core";
import {
  type AllQueues,
  allFleets,
  type FleetRegistry,
  type FleetTotals,
  type Redis,
  readRedisMemory,
  readTotals,
  sumRunnable,
} from "@bee/queue";
import {
  countConnections,
  type Database,
  listFleetsWithJobs,
  pruneSamples,
  recordSample,
  type Sample,
} from "@bee/store";
import { slotsOf } from "./slots-of.ts";

export interface MonitorOptions {
  readonly db: Database;
  readonly redis: Redis;
  readonly registry: FleetRegistry;
  readonly queues: AllQueues;
  readonly bounds: ScalingBounds;
  readonly log: Log;
}

interface Reading {
  readonly at: number;
  readonly totals: FleetTotals;
}

/** What the fleet did between two readings of its totals. */
type Flow = Pick<Sample, "seconds" | "visits" | "failures" | "p95Ms" | "meanMs" | "taskMs">;

/**
 * Measures the fleet and keeps what it measured (founding plan: active workers, queued tasks, database connections,
 * memory, CPU, p95 response time), and says when it is larger than it need be, or overloaded.
 */
export class Monitor {
  readonly #options: MonitorOptions;
  readonly #now: () => number;
  #last: Reading | undefined;
  #told: string | null = null;

  constructor(options: MonitorOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  begin(): void {
    this.#last = undefined;
    this.#told = null;
  }

  async runOnce(): Promise<void> {
    const { db, redis, registry, queues } = this.#options;
    const [workers, scaled, withJobs, memory, connections, totals] = await Promise.all([
      registry.list(),
      registry.listScaled(),
      listFleetsWithJobs(db),
      readRedisMemory(redis),
      countConnections(db),
      readTotals(redis),
    ]);
    const counts = await queues.counts(allFleets(workers, scaled, withJobs));
    const queued = perTier((tier) => counts[tier].waiting);
    const load = fleetLoad(workers);
    const tasks = TIERS.reduce((sum, tier) => sum + queued[tier], 0);
    this.#tell(load, tasks);
    const slots = slotsOf(workers);
    const now = { at: this.#now(), totals };
    // A leader that has just begun knows of no beginning to count from.
    if (this.#last !== undefined) {
      await recordSample(db, {
        ...flowBetween(this.#last, now),
        workers: workers.length,
        desired: scaled.reduce((sum, { desired }) => sum + desired, 0),
        busy: slots.busy,
        usable: Math.round(slots.usable * slots.workers),
        queued,
        oldestMs: sumRunnable(scaled).oldestMs,
        connections: connections.open,
        cpu: load.cpu,
        memory: load.memory,
        memoryShare: load.memoryShare,
        redisMemory: memory.used,
      });
    }
    // Once it is kept: what a Postgres that is away misses is part of the next sample.
    this.#last = now;
    await pruneSamples(db);
  }

  /** Once when it begins to be so, and not at each reading. */
  #tell(load: FleetLoad, queued: number): void {
    const { bounds, log } = this.#options;
    const news = newsIn(load, queued, bounds.min);
    if (news !== null && news !== this.#told) {
      const { working, cpu, memoryShare } = load;
      const fields = { working, cpu: Math.round(cpu), memoryShare: memoryShare.toFixed(2), queued };
      log[news === OVERLOADED ? "warn" : "info"](news, fields);
    }
    this.#told = news;
  }
}

const OVERLOADED = "the fleet is overloaded: bulk jobs are refused";
const TOO_LARGE = "consider scaling down";

function newsIn(load: FleetLoad, queued: number, min: number): string | null {
  if (load.overloaded) return OVERLOADED;
  return mayShrink(load, { queued, min }) ? TOO_LARGE : null;
}

/** Totals that became less began anew with a Redis that had lost its data: all they hold has happened since. */
export function flowBetween(before: Reading, now: Reading): Flow {
  const began = isLess(before.totals, now.totals) ? null : before.totals;
  const { made, failed } = countVisits(visitsSince(began, now.totals));
  const responses = timesSince(began?.responses, now.totals.responses);
  return {
    seconds: (now.at - before.at) / 1_000,
    visits: made,
    failures: failed,
    p95Ms: quantile(responses, 0.95),
    meanMs: meanTime(responses),
    taskMs: meanTime(timesSince(began?.tasks, now.totals.tasks)),
  };
}

function isLess(before: FleetTotals, now: FleetTotals): boolean {
  return countTimes(now.tasks) < countTimes(before.tasks);
}

function visitsSince(before: FleetTotals | null, now: FleetTotals): VisitCounts {
  const counts: Record<string, number> = {};
  for (const { result, count } of now.visits) counts[result] = (counts[result] ?? 0) + count;
  for (const { result, count } of before?.visits ?? []) counts[result] = (counts[result] ?? 0) - count;
  return counts;
}

function timesSince(before: Times | undefined, now: Times): Times {
  return {
    counts: now.counts.map((count, step) => count - (before?.counts[step] ?? 0)),
    sumMs: now.sumMs - (before?.sumMs ?? 0),
  };
}
