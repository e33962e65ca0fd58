import type { Config } from "@bee/core";

/** What the engine tells of the container in which the scaler runs, as far as its workers get the same. */
export interface OwnContainer {
  /** The image's own id: its name may mean another image by now. */
  readonly Image: string;
  readonly Config: {
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
  };
  readonly HostConfig: { readonly LogConfig?: unknown; readonly ExtraHosts?: readonly string[] | null };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, unknown>> };
  readonly Mounts: readonly Mount[];
}

interface Mount {
  readonly Type: string;
  /** Of a volume. */
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
}

/** The body that creates a container; its fields are the Engine API's. */
export interface ContainerSpec {
  readonly Hostname: string;
  readonly Image: string;
  readonly Cmd: readonly string[];
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly StopTimeout: number;
  readonly HostConfig: Readonly<Record<string, unknown>>;
}

/** How the fleet's workers are made, and known again. */
export interface WorkerTemplate {
  /** `name=value`: who bears it is a worker of this fleet; nothing else is ever touched. */
  readonly label: string;
  /** The beginning of a worker's name. */
  readonly prefix: string;
  /** Those besides the first: engines before API 1.44 create a container in one network only. */
  readonly furtherNetworks: readonly string[];
  spec(name: string, owner: string): ContainerSpec;
}

const FLEET_LABEL = "blue-banded-bee.fleet";
const COMPOSE_PROJECT_LABEL = "com.docker.compose.project";

/** A worker leaves within 25 s of a SIGTERM (`packages/cli/src/commands/worker.ts`). */
export const STOP_GRACE_MS = 30_000;

/** What the scaler is told and its workers are not: whom they would start, and the operator's key. */
const NOT_FOR_WORKERS = /^(?:BEE_SCALE_DRIVER|BEE_DOCKER_.*|DOCKER_HOST|BEE_OWNER|BEE_ADMIN_KEY|HOSTNAME)=/;

/**
 * Workers are containers of the scaler's own image, networks, environment and mounts, unless the configuration says
 * otherwise: what is set once for the fleet holds for them too. They write nothing but /tmp, and may do nothing more.
 */
export function workerTemplate(
  own: OwnContainer,
  { docker, region, workerClass }: Pick<Config, "docker" | "region" | "workerClass">,
): WorkerTemplate {
  const project = docker.fleet ?? own.Config.Labels?.[COMPOSE_PROJECT_LABEL] ?? "bee";
  // Several regions may share an engine, and each has a scaler of its own.
  const fleet = `${project}.${region}.${workerClass}`;
  const networks = docker.networks.length > 0 ? docker.networks : Object.keys(own.NetworkSettings.Networks);
  const environment = (own.Config.Env ?? []).filter((variable) => !NOT_FOR_WORKERS.test(variable));
  return {
    label: `${FLEET_LABEL}=${fleet}`,
    prefix: `${project}-worker`,
    furtherNetworks: networks.slice(1),
    spec: (name, owner) => ({
      // By its host a worker's report tells whose it is.
      Hostname: name,
      Image: docker.image ?? own.Image,
      Cmd: ["worker"],
      Env: [...environment, `BEE_OWNER=${owner}`],
      Labels: { [FLEET_LABEL]: fleet },
      StopTimeout: STOP_GRACE_MS / 1_000,
      HostConfig: {
        ...(networks[0] !== undefined && { NetworkMode: networks[0] }),
        Mounts: own.Mounts.filter((mount) => !isEngine(mount, docker.host)).map(readOnly),
        ...(own.HostConfig.LogConfig !== undefined && { LogConfig: own.HostConfig.LogConfig }),
        ExtraHosts: own.HostConfig.ExtraHosts ?? [],
        Memory: docker.memoryMiB * 2 ** 20,
        // No swap: a worker that swaps is late everywhere.
        MemorySwap: docker.memoryMiB * 2 ** 20,
        PidsLimit: 200,
        ReadonlyRootfs: true,
        Tmpfs: { "/tmp": "rw,noexec,nosuid,size=64m" },
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        // The scaler replaces a worker that ends, at growing intervals where that is no use.
        RestartPolicy: { Name: "no" },
      },
    }),
  };
}

/** Whoever has the engine's socket has the machine. */
function isEngine({ Source, Destination }: Mount, host: string): boolean {
  return Source.endsWith("docker.sock") || `unix://${Destination}` === host;
}

function readOnly({ Type, Name, Source, Destination }: Mount) {
  return { Type, Source: Type === "volume" ? Name : Source, Target: Destination, ReadOnly: true };
}
