import type { ChildProcess } from "node:child_process";
import { hostname } from "node:os";
import { type Config, type Log, SCALER_CONNECTIONS, type Stoppable, StopStack } from "@bee/core";
import {
  FleetRegistry,
  LeaderLease,
  LossMark,
  openRedis,
  QueueAge,
  Queues,
  requireSafeRedis,
} from "@bee/queue";
import { openDatabase, requireMigrated, requireReachable } from "@bee/store";
import { Duty } from "./duty.ts";
import { ExternalWorkers } from "./external-workers.ts";
import { openDockerDriver } from "./open-docker-driver.ts";
import { Reconciler } from "./reconciler.ts";
import { Scaling } from "./scaling.ts";
import type { WorkerDriver } from "./worker-driver.ts";
import { WorkerPool } from "./worker-pool.ts";

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
const RECONCILE_EVERY_MS = 5_000;

/** The scaler process: keeps the fleet at its size and puts lost work back on its way, while it leads. */
export async function startScaler(options: ScalerOptions): Promise<Stoppable> {
  const { config, databaseUrl, redisUrl, log, owner, spawnWorker } = options;
  const { scaleDownDelayMs, workers: bounds } = config;
  const started = new StopStack();
  try {
    const db = openDatabase({ url: databaseUrl, connections: SCALER_CONNECTIONS, name: "bee scaler", log });
    started.add("Postgres", db, () => db.close());
    await requireReachable(db, databaseUrl);
    await requireMigrated(db);
    await requireSafeRedis(redisUrl);
    const redis = openRedis({ url: redisUrl, name: "bee scaler", log });
    started.add("Redis", redis, () => redis.disconnect());
    const queues = new Queues(redis, config.region, config.workerClass);
    started.add("queues", queues, () => queues.close());

    // One lease for all duties: two leaders, one for each half of the work, would be harder to follow than one.
    const lease = new LeaderLease(redis, "scaler", `${hostname()}-${process.pid}`);
    started.add("lease", lease, () => lease.leave());
    const asLeader = (runOnce: () => Promise<unknown>) => async () => {
      if (await lease.hold()) await runOnce();
    };

    const registry = new FleetRegistry(redis);
    const workers: WorkerDriver =
      config.scaleDriver === "external"
        ? new ExternalWorkers(registry)
        : config.scaleDriver === "docker"
          ? await openDockerDriver({ config, registry, log })
          : new WorkerPool({ registry, spawn: spawnWorker, owner, host: hostname(), log });
    // Workers need Redis and Postgres to put their work away, so they end before these.
    started.add("workers", workers, () => workers.stop());
    const queueAge = new QueueAge(queues);
    const scaling = new Scaling({ db, registry, queueAge, workers, bounds, scaleDownDelayMs, log });
    const reconciler = new Reconciler(db, queues, new LossMark(redis), log);

    // Duties end first: none of them may spawn a worker while the workers are being retired.
    for (const duty of [
      new Duty({ name: "scaling", everyMs: SCALE_EVERY_MS, runOnce: asLeader(() => scaling.runOnce()), log }),
      new Duty({
        name: "reconcile",
        everyMs: RECONCILE_EVERY_MS,
        runOnce: asLeader(() => reconciler.runOnce()),
        log,
      }),
    ]) {
      started.add("duty", duty, () => duty.stop());
      duty.start();
    }
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}
