import type { ChildProcess } from "node:child_process";
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
import {
  AllQueues,
  FleetRegistry,
  LeaderLease,
  LossMark,
  openRedis,
  QueueAge,
  requireSafeRedis,
  ScheduleWaker,
  ScheduleWakes,
  SpawnedWorkers,
} from "@bee/queue";
import { forgetOld, openDatabase, requireMigrated, requireReachable } from "@bee/store";
import { Alerts } from "./alerts/alerts.ts";
import { Courier } from "./alerts/courier.ts";
import { openChannel } from "./alerts/open-channel.ts";
import { AlertReadings } from "./alerts/readings.ts";
import { Canary } from "./canary.ts";
import { Duty } from "./duty.ts";
import { ExternalWorkers } from "./external-workers.ts";
import { HandOver } from "./hand-over.ts";
import { Monitor } from "./monitor.ts";
import { openDockerDriver } from "./open-docker-driver.ts";
import { Reconciler } from "./reconciler.ts";
import { ScalerPresence } from "./scaler-presence.ts";
import { Scaling } from "./scaling.ts";
import { Schedules } from "./schedules.ts";
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
const FORGET_EVERY_MS = 60_000;
const ALERTS_EVERY_MS = 5_000;
const DELIVER_EVERY_MS = 1_000;
const CANARY_EVERY_MS = 1_000;
const SCHEDULES_EVERY_MS = 5_000;

/** The scaler process: keeps the fleet at its size and puts lost work back on its way, while it leads. */
export async function startScaler(options: ScalerOptions): Promise<Stoppable> {
  const { config, databaseUrl, redisUrl, log, owner, spawnWorker } = options;
  const { retentionMs, scaleDownDelayMs, workers: bounds } = config;
  const fleet: Fleet = { region: config.region, workerClass: config.workerClass };
  const started = new StopStack();
  try {
    await requireSafeRedis(redisUrl);
    const redis = openRedis({ url: redisUrl, name: "bee scaler", log });
    started.add("Redis", redis, () => redis.disconnect());
    const registry = new FleetRegistry(redis);
    const name = `${hostname()}-${process.pid}`;
    // It belongs to the fleets as long as it may hold a connection to Postgres.
    const presence = new ScalerPresence(registry, name, log);
    started.add("presence", presence, () => presence.stop());
    await presence.start();
    const db = openDatabase({ url: databaseUrl, connections: SCALER_CONNECTIONS, name: "bee scaler", log });
    started.add("Postgres", db, () => db.close());
    await requireReachable(db, databaseUrl);
    await requireMigrated(db);
    const allQueues = new AllQueues(redis);
    started.add("queues", allQueues, () => allQueues.close());
    const queues = allQueues.of(fleet);

    // Each fleet has a leader that keeps its size; what concerns all of them one does for all.
    const leaderOf = (duty: string) => {
      const lease = new LeaderLease(redis, duty, name);
      started.add("lease", lease, () => lease.leave());
      return (runOnce: () => Promise<unknown>) => async () => {
        if (await lease.hold()) await runOnce();
      };
    };
    const asLeaderOfFleet = leaderOf(`scaling:${fleetName(fleet)}`);
    const asLeaderOfAll = leaderOf("all");

    const workers: WorkerDriver =
      config.scaleDriver === "external"
        ? new ExternalWorkers(registry, fleet)
        : config.scaleDriver === "docker"
          ? await openDockerDriver({ config, registry, log })
          : new WorkerPool({
              registry,
              fleet,
              spawned: new SpawnedWorkers(redis, fleet, owner, hostname()),
              spawn: spawnWorker,
              owner,
              host: hostname(),
              log,
            });
    // Workers need Redis and Postgres to put their work away, so they end before these.
    started.add("workers", workers, () => workers.stop());
    const queueAge = new QueueAge(queues);
    const scaling = new Scaling({
      db,
      redis,
      fleet,
      registry,
      queueAge,
      workers,
      bounds,
      scaleDownDelayMs,
      log,
    });
    const monitor = new Monitor({ db, redis, registry, queues: allQueues, bounds, log });
    const reconciler = new Reconciler(db, allQueues, new LossMark(redis), log);
    const handOver = new HandOver({
      db,
      registry,
      queues: allQueues,
      home: fleet,
      book: config.regions,
      log,
    });

    const { alerts: settings } = config;
    const channels = new Map(
      Object.entries(settings.channels).map(([name, channel]) => [name, openChannel(channel)]),
    );
    const readings = new AlertReadings({
      db,
      redis,
      registry,
      channels: [...channels.keys()],
      log,
    });
    const alerts = new Alerts({ db, settings, read: () => readings.read(), log });
    const courier = new Courier({ db, channels, log });
    const canary = new Canary({ db, redis, registry, queues: allQueues, home: fleet, rules: config.rules });

    const wakes = new ScheduleWakes(redis);
    started.add("wake-ups", wakes, () => wakes.close());
    const schedules = new Schedules({ db, redis, queues: allQueues, registry, wakes, config, log });
    // Whoever is woken starts what is due; the leader finds what a lost wake-up has left.
    const waker = new ScheduleWaker(redis, () => schedules.runOnce(), log);
    started.add("waker", waker, () => waker.stop());
    waker.start();

    // Duties end first: none of them may spawn a worker while the workers are being retired.
    for (const duty of [
      new Duty({
        name: "scaling",
        everyMs: SCALE_EVERY_MS,
        runOnce: asLeaderOfFleet(() => scaling.runOnce()),
        log,
      }),
      new Duty({
        name: "reconcile",
        everyMs: RECONCILE_EVERY_MS,
        runOnce: asLeaderOfAll(async () => {
          await handOver.runOnce();
          await reconciler.runOnce();
        }),
        log,
      }),
      new Duty({
        name: "retention",
        everyMs: FORGET_EVERY_MS,
        runOnce: asLeaderOfAll(async () => retentionMs !== null && (await forgetOld(db, retentionMs))),
        log,
      }),
      new Duty({
        name: "monitor",
        everyMs: config.monitorIntervalMs,
        runOnce: asLeaderOfAll(() => monitor.runOnce()),
        log,
      }),
      new Duty({
        name: "canary",
        everyMs: CANARY_EVERY_MS,
        runOnce: asLeaderOfAll(() => canary.runOnce()),
        log,
      }),
      new Duty({
        name: "schedules",
        everyMs: SCHEDULES_EVERY_MS,
        runOnce: asLeaderOfAll(() => schedules.runOnce()),
        log,
      }),
      new Duty({
        name: "alerts",
        everyMs: ALERTS_EVERY_MS,
        runOnce: asLeaderOfAll(() => alerts.runOnce()),
        log,
      }),
      // Apart from the judging, which a receiver that is silent must not hold up.
      new Duty({
        name: "deliveries",
        everyMs: DELIVER_EVERY_MS,
        runOnce: asLeaderOfAll(() => courier.runOnce()),
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
