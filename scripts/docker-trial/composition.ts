import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, works } from "./command.ts";

const DOCKER = fileURLToPath(new URL("../../docker/", import.meta.url));
const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FLEET_IMAGE = "blue-banded-bee:trial";
const SITE_IMAGE = "blue-banded-bee-demo-site:trial";
const SITE_PORT = 8080;
/** Beside that of a composition of the same machine that is no trial. */
const SUBNET = "172.30.114.0/24";

export interface CompositionOptions {
  readonly port: number;
  readonly adminKey: string;
  /** Names of demo sites, each a container and a domain of its own. */
  readonly sites: readonly string[];
  /** Where the sites write their logs, one file each. */
  readonly folder: string;
}

/** The composition of `docker/compose.yml` with more demo sites, as a project of its own. */
export class Composition {
  readonly #compose: readonly string[];
  readonly #options: CompositionOptions;
  readonly #project = `bee-trial-${process.pid}`;

  private constructor(compose: readonly string[], options: CompositionOptions) {
    this.#compose = compose;
    this.#options = options;
  }

  /** Finds the engine and a compose. @throws when one of them is missing. */
  static async prepare(options: CompositionOptions): Promise<Composition> {
    await run("docker", ["version"]);
    const compose = (await works("docker", ["compose", "version"]))
      ? ["docker", "compose"]
      : ["docker-compose"];
    const composition = new Composition(compose, options);
    await composition.#writeSites();
    return composition;
  }

  async build(): Promise<void> {
    for (const [target, tag] of [
      ["fleet", FLEET_IMAGE],
      ["demo-site", SITE_IMAGE],
    ]) {
      await run("docker", [
        "build",
        "-q",
        "-f",
        join(DOCKER, "Dockerfile"),
        "--target",
        target!,
        "-t",
        tag!,
        ROOT,
      ]);
    }
  }

  async imageMegabytes(): Promise<number> {
    return Number(await run("docker", ["image", "inspect", "-f", "{{.Size}}", FLEET_IMAGE])) / 1e6;
  }

  /** Brings everything up, or the workers to another number; what runs goes on. */
  async up(workers: number): Promise<void> {
    await this.#do("up", "-d", "--no-build", "--no-recreate", "--scale", `worker=${workers}`);
  }

  async down(): Promise<void> {
    await this.#do("down", "-v", "--remove-orphans", "-t", "5");
  }

  /** Ends the sites in order, so that their logs are whole. */
  async stopSites(): Promise<void> {
    await this.#do("stop", ...this.#options.sites);
  }

  /** The running containers of a service, by id. */
  async containersOf(service: string): Promise<string[]> {
    const labels = [`project=${this.#project}`, `service=${service}`].flatMap((label) => [
      "--filter",
      `label=com.docker.compose.${label}`,
    ]);
    return (await run("docker", ["ps", "-q", ...labels])).split("\n").filter((id) => id !== "");
  }

  async logs(service: string): Promise<string> {
    return this.#do("logs", "--tail", "20", service);
  }

  logOf(site: string): string {
    return join(this.#options.folder, site, "log.jsonl");
  }

  urlOf(site: string): string {
    return `http://${site}.test:${SITE_PORT}/`;
  }

  async #do(...args: readonly string[]): Promise<string> {
    const [program, ...first] = this.#compose;
    const files = ["-f", join(DOCKER, "compose.yml"), "-f", join(this.#options.folder, "sites.json")];
    return run(program!, [...first, "-p", this.#project, ...files, ...args], {
      BEE_IMAGE: FLEET_IMAGE,
      BEE_ADMIN_KEY: this.#options.adminKey,
      BEE_PUBLISH: `127.0.0.1:${this.#options.port}`,
      BEE_WEB_SUBNET: SUBNET,
      BEE_ALLOW_PRIVATE: SUBNET,
    });
  }

  /** JSON is YAML, too. */
  async #writeSites(): Promise<void> {
    const { folder, sites } = this.#options;
    const services = sites.map((site) => [
      site,
      {
        image: SITE_IMAGE,
        command: [
          "--listen",
          "0.0.0.0",
          "--host",
          `${site}.test`,
          "--port",
          `${SITE_PORT}`,
          "--log",
          "/log/log.jsonl",
        ],
        networks: { web: { aliases: [`${site}.test`] } },
        volumes: [`${join(folder, site)}:/log`],
        mem_limit: "256m",
      },
    ]);
    // The sites run as a user whom this machine need not know.
    for (const site of sites) {
      await mkdir(join(folder, site));
      await chmod(join(folder, site), 0o777);
    }
    await writeFile(join(folder, "sites.json"), JSON.stringify({ services: Object.fromEntries(services) }));
  }
}
