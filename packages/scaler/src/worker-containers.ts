import { type Log, messageOf } from "@bee/core";
import type { Container, DockerEngine } from "./docker-engine.ts";
import type { WorkerTemplate } from "./docker-template.ts";

export interface WorkerContainersOptions {
  readonly engine: DockerEngine;
  readonly template: WorkerTemplate;
  /** Whose workers they say they are. */
  readonly owner: string;
  readonly log: Log;
}

/** The states of a container whose process is there. */
const LIVES: readonly string[] = ["running", "paused", "restarting"];

/**
 * The fleet's worker containers, as its engine lists them: also those that a scaler before us started. An engine that
 * does not answer takes no worker with it: until it does, those it last listed count as alive.
 */
export class WorkerContainers {
  readonly #options: WorkerContainersOptions;
  /** By name; undefined until the engine has listed them once. */
  #known: ReadonlyMap<string, Container> | undefined;
  /** Asked for and not running yet. */
  readonly #starting = new Set<string>();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isAway = false;

  constructor(options: WorkerContainersOptions) {
    this.#options = options;
  }

  /** Names of those that were asked for and do not run yet. */
  get starting(): readonly string[] {
    return [...this.#starting];
  }

  /** For how long nobody has looked at them, in milliseconds. */
  get unseenMs(): number {
    return performance.now() - this.#lookedAt;
  }

  /** @throws BeeError `unavailable` while the engine has never answered: who knows of no worker must not decide. */
  async look(): Promise<void> {
    const { engine, template, log } = this.#options;
    try {
      const starting = this.starting;
      const listed = await engine.list(template.label);
      // Those that were started meanwhile may be missing, or not run yet.
      const young = this.#all().filter(({ name }) => starting.includes(name));
      this.#known = byName([...listed, ...young]);
      if (this.#isAway) log.info("the Docker engine answers again");
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) log.error("the Docker engine does not answer", { error: messageOf(error) });
      this.#isAway = true;
      if (this.#known === undefined) throw error;
    }
    this.#lookedAt = performance.now();
  }

  /** Starts workers of these names. @returns why each of those failed that did. */
  async start(names: readonly string[]): Promise<unknown[]> {
    for (const name of names) this.#starting.add(name);
    const results = await Promise.allSettled(names.map((name) => this.#start(name)));
    for (const name of names) this.#starting.delete(name);
    return results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  }

  /** Those that live, also those that were asked to stop. */
  living(): Container[] {
    return this.#all().filter(({ state }) => LIVES.includes(state));
  }

  /** Those that have ended or never began, and that can be taken away now. */
  ended(): Container[] {
    if (this.#isAway) return [];
    return this.#all().filter(
      ({ name, state }) => !LIVES.includes(state) && state !== "removing" && !this.#starting.has(name),
    );
  }

  async remove({ id, name }: Container): Promise<void> {
    await this.#options.engine.remove(id);
    this.#known = byName(this.#all().filter((container) => container.name !== name));
  }

  async #start(name: string): Promise<void> {
    const { engine, template, owner, log } = this.#options;
    const id = await engine.create(name, template.spec(name, owner));
    try {
      for (const network of template.furtherNetworks) await engine.connect(network, id);
      await engine.start(id);
    } catch (error) {
      // The next look finds what is left of it.
      await engine
        .remove(id)
        .catch((cause) => log.warn(NOT_REMOVED, { worker: name, error: messageOf(cause) }));
      throw error;
    }
    this.#known = byName([...this.#all(), { id, name, state: "running" }]);
  }

  #all(): Container[] {
    return [...(this.#known?.values() ?? [])];
  }
}

export const NOT_REMOVED = "a worker container could not be removed";

function byName(containers: readonly Container[]): ReadonlyMap<string, Container> {
  return new Map(containers.map((container) => [container.name, container]));
}
