import type { ChildProcess } from "node:child_process";
import { hostname } from "node:os";
import type { Config, Fleet, Log } from "@bee/core";
import { type FleetRegistry, type Redis, SpawnedWorkers } from "@bee/queue";
import { ExternalWorkers } from "./external-workers.ts";
import { openDockerDriver } from "./open-docker-driver.ts";
import type { WorkerDriver } from "./worker-driver.ts";
import { WorkerPool } from "./worker-pool.ts";

export interface OpenWorkersOptions {
  readonly config: Config;
  readonly redis: Redis;
  readonly registry: FleetRegistry;
  readonly fleet: Fleet;
  /** Whose workers these are: a scaler that follows another one of this owner adopts its workers. */
  readonly owner: string;
  readonly spawnWorker: () => ChildProcess;
  readonly log: Log;
}

/**
 * The way to get and lose workers that `BEE_SCALE_DRIVER` names.
 * @throws BeeError `cannot-start` where it is `docker` and no engine answers, or knows no container in which we run.
 */
export async function openWorkers(options: OpenWorkersOptions): Promise<WorkerDriver> {
  const { config, redis, registry, fleet, owner, spawnWorker, log } = options;
  switch (config.scaleDriver) {
    case "external":
      return new ExternalWorkers(registry, fleet);
    case "docker":
      return openDockerDriver({ config, registry, log });
    case "process": {
      const host = hostname();
      const spawned = new SpawnedWorkers(redis, fleet, owner, host);
      return new WorkerPool({ registry, fleet, spawned, spawn: spawnWorker, owner, host, log });
    }
  }
}
