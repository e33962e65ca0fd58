import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import {
  type Config,
  type Fleet,
  fleetName,
  type Log,
  SCALER_CONNECTIONS,
  type Stoppable,
  StopStack,
} from "@bee/core";
import { AllQueues, FleetRegistry, LeaderLease, openRedis, QueueAge, requireSafeRedis } from "@bee/queue";
import { openDatabase, requireMigrated, requireReachable } from "@bee/store";
import { dutiesOfAll } from "./duties-of-all.ts";
import { Duty, type DutySpec, runsOf } from "./duty.ts";
import { openWorkers } from "./open-workers.ts";
import { ScalerPresence } from "./scaler-presence.ts";
import { Scaling } from "./scaling.ts";
import { whileLeading } from "./while-leading.ts";

export interface ScalerOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly log: Log;
  /** Whose workers these are: a scaler that follows another one of this owner adopts its workers. */
  readonly owner: string;
  readonly spawnWorker: () => ChildProcess;
}

const SCALE_EVERY_MS = 1_000;

/** The scaler process: keeps its fleet at its size, and does what concerns all fleets, while it leads. */
export async function startScaler(options: ScalerOptions): Promise<Stoppable> {
  const { config, databaseUrl, redisUrl, log, owner, spawnWorker } = options;
  const { scaleDownDelayMs, workers: bounds } = config;
  const fleet: Fleet = { region: config.region, workerClass: config.workerClass };
  const started = new StopStack();
  try {
    await requireSafeRedis(redisUrl);
    const redis = openRedis({ url: redisUrl, name: "bee scaler", log });
    started.add("Redis", redis, () => redis.disconnect());
    const registry = new FleetRegistry(redis);
    // Two containers may have one hostname, and each has PID 1.
    const name = `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`;
    // It belongs to the fleets as long as it may hold a connection to Postgres.
    const presence = new ScalerPresence(registry, name, log);
    started.add("presence", presence, () => presence.stop());
    await presence.start();
    const db = openDatabase({ url: databaseUrl, connections: SCALER_CONNECTIONS, name: "bee scaler", log });
    started.add("Postgres", db, () => db.close());
    await requireReachable(db, databaseUrl);
    await requireMigrated(db);
    const queues = new AllQueues(redis);
    started.add("queues", queues, () => queues.close());

    // Each fleet has a leader that keeps its size; what concerns all of them one does for all.
    const lead = (what: string) => {
      const lease = new LeaderLease(redis, what, name);
      return started.add("lease", lease, () => lease.leave());
    };
    const [ofFleet, ofAll] = [lead(`scaling:${fleetName(fleet)}`), lead("all")];

    const workers = await openWorkers({ config, redis, registry, fleet, owner, spawnWorker, log });
    // They need Redis and Postgres to put their work away, and nobody starts others meanwhile: they end before these.
    started.add("workers", workers, () => workers.stop());
    const watched = { db, redis, fleet, registry, queueAge: new QueueAge(queues.of(fleet)), workers };
    const scaling = new Scaling({ ...watched, bounds, scaleDownDelayMs, log });
    const duties = dutiesOfAll({ config, db, redis, registry, queues, fleet, log }, started);

    // Duties end first: none of them may spawn a worker while the workers are being retired.
    const start = (spec: DutySpec, lease: LeaderLease) => {
      const duty = new Duty({ ...spec, runOnce: whileLeading(spec, lease), log });
      started.add("duty", duty, () => duty.stop());
      duty.start();
    };
    for (const duty of duties) start(duty, ofAll);
    start({ name: "scaling", everyMs: SCALE_EVERY_MS, ...runsOf(scaling) }, ofFleet);
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}
