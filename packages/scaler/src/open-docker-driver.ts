import { BeeError, type Config, type Log, messageOf } from "@bee/core";
import type { FleetRegistry } from "@bee/queue";
import { DockerDriver } from "./docker-driver.ts";
import { DockerEngine, EngineError } from "./docker-engine.ts";
import { ownContainerId } from "./docker-self.ts";
import { workerTemplate } from "./docker-template.ts";

export interface OpenDockerDriverOptions {
  readonly config: Config;
  readonly registry: FleetRegistry;
  readonly log: Log;
  /** The container whose image, networks and environment workers get. */
  readonly ownId?: string;
}

/**
 * Finds out what workers are made of, by a look at the scaler's own container.
 * @throws BeeError `cannot-start` when the engine does not answer, or knows no container in which we run.
 */
export async function openDockerDriver(options: OpenDockerDriverOptions): Promise<DockerDriver> {
  const { config, registry, log, ownId = ownContainerId() } = options;
  const engine = new DockerEngine(config.docker.host);
  try {
    const template = workerTemplate(await engine.inspect(ownId), config);
    const owner = `${template.label}@${await engine.id()}`;
    const fleet = { region: config.region, workerClass: config.workerClass };
    return new DockerDriver({ registry, fleet, engine, template, owner, log });
  } catch (cause) {
    const isUnknown = cause instanceof EngineError && cause.status === 404;
    throw new BeeError(
      "cannot-start",
      isUnknown
        ? `BEE_SCALE_DRIVER=docker: expected the scaler to run in a container of the engine at ${config.docker.host}, got none that is called ${ownId}`
        : `BEE_SCALE_DRIVER=docker: expected a Docker engine at ${config.docker.host}, got: ${messageOf(cause)}; give the scaler the engine's socket and the right to use it, or set DOCKER_HOST`,
      { cause },
    );
  }
}
