import { randomBytes } from "node:crypto";
import { type Fleet, messageOf } from "@bee/core";
import {
  type FleetRegistry,
  type Runnable,
  type WorkerReport,
  type WorkerTroubles,
  workersOf,
} from "@bee/queue";
import { Crew, idlestOf } from "./crew.ts";
import type { Container } from "./docker-engine.ts";
import { STOP_GRACE_MS } from "./docker-template.ts";
import { slotsOf } from "./slots-of.ts";
import { NOT_REMOVED, WorkerContainers, type WorkerContainersOptions } from "./worker-containers.ts";
import type { Survey, WorkerDriver } from "./worker-driver.ts";

export interface DockerDriverOptions extends WorkerContainersOptions {
  readonly registry: FleetRegistry;
  /** Only its workers are counted. */
  readonly fleet: Fleet;
}

/** The leader looks once a second; who has not looked for so long leads no more. */
const LEADS_MS = 5_000;
const STOP_POLL_MS = 250;
/** What the engine takes over a container that it has killed. */
const STOP_MARGIN_MS = 5_000;
const LAST_WORDS = 3;

/** Worker containers on one Docker engine: started, adopted from a scaler that led before, and stopped. */
export class DockerDriver implements WorkerDriver {
  readonly #options: DockerDriverOptions;
  readonly #containers: WorkerContainers;
  /** By name. */
  readonly #crew = new Crew<string>();

  constructor(options: DockerDriverOptions) {
    this.#options = options;
    this.#containers = new WorkerContainers(options);
  }

  async survey(): Promise<Survey> {
    const reported = (await this.#look()).filter((worker) => worker.state !== "stopping");
    const others = reported.filter((worker) => !this.#isOurs(worker));
    const going = new Set([...this.#going().map(({ name }) => name), ...this.#containers.starting]);
    const counted = reported.filter((worker) => !this.#isOurs(worker) || going.has(worker.host));
    return { current: others.length + going.size, slots: slotsOf(counted) };
  }

  add(workers: number): number {
    const trying = [...this.#containers.starting, ...this.#going().map(({ name }) => name)];
    const started = this.#crew.allow(workers, trying);
    if (started > 0) void this.#start(started);
    return started;
  }

  async retire(workers: number): Promise<number> {
    // What the leader asks for each second while all is as it should be.
    if (workers === 0) return 0;
    const reports = await this.#readReports();
    const going = this.#byName();
    const chosen = idlestOf([...going.keys()], reports, workers);
    for (const name of chosen) this.#terminate(going.get(name)!);
    return chosen.length;
  }

  async endStuck(runnable: Runnable): Promise<number> {
    const reports = await this.#readReports();
    const going = this.#byName();
    const stuck = this.#crew.findStuck([...going.keys()], reports, runnable);
    for (const { id: name, why, isSilent } of stuck) {
      this.#options.log.error("a worker is stuck; another takes its place", { worker: name, why });
      if (isSilent) await this.#takeAway(going.get(name)!);
      else this.#terminate(going.get(name)!);
    }
    return stuck.length;
  }

  troubles(): WorkerTroubles {
    return this.#crew.troubles();
  }

  /**
   * Retires all our workers and waits until they have ended, if we lead: those of a fleet that another scaler leads
   * are its own.
   */
  async stop(): Promise<void> {
    const containers = this.#containers;
    if (containers.unseenMs > LEADS_MS) return;
    const deadline = performance.now() + STOP_GRACE_MS + STOP_MARGIN_MS;
    do {
      await this.#lookAtContainers().catch(() => {});
      for (const container of this.#going()) this.#terminate(container);
      if (containers.living().length === 0 && containers.starting.length === 0) return;
      await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
    } while (performance.now() < deadline);
    this.#options.log.error("worker containers are left behind; remove them by their label", {
      label: this.#options.template.label,
      workers: containers.living().map(({ name }) => name),
    });
  }

  async #start(workers: number): Promise<void> {
    const { log, template } = this.#options;
    const names = Array.from(
      { length: workers },
      () => `${template.prefix}-${randomBytes(4).toString("hex")}`,
    );
    const failures = await this.#containers.start(names);
    if (failures.length === 0) return;
    // They were asked for at once and fail for one reason: that is one failure.
    log.error("no worker container could be started", {
      containers: failures.length,
      error: messageOf(failures[0]),
      ...this.#crew.failed(),
    });
  }

  /**
   * Of those that go on, as a worker takes a second SIGTERM for impatience. The engine kills it when its grace time is
   * over.
   */
  #terminate({ id, name }: Container): void {
    const { engine, log } = this.#options;
    this.#crew.retire(name);
    engine.stop(id, STOP_GRACE_MS).catch((error) => {
      // It will be asked again: one that nobody could ask has to go on being counted.
      this.#crew.keep(name);
      log.warn("a worker container could not be stopped", { worker: name, error: messageOf(error) });
    });
  }

  /**
   * Asks who has reported and which containers there are, in this order: who reports has a container. Takes those away
   * that have ended, and the reports of those that were killed.
   */
  async #look(): Promise<WorkerReport[]> {
    const { registry, fleet } = this.#options;
    const reported = workersOf(fleet, await registry.list());
    await this.#lookAtContainers();
    const living = new Set(this.#containers.living().map(({ name }) => name));
    const killed = reported.filter((worker) => this.#isOurs(worker) && !living.has(worker.host));
    for (const { id } of killed) await registry.leave(id);
    const rest = reported.filter((worker) => !killed.includes(worker));
    for (const worker of rest.filter((worker) => this.#isOurs(worker)))
      this.#crew.learn(worker.host, worker.state);
    return rest;
  }

  /** By the names of their containers. */
  async #readReports(): Promise<ReadonlyMap<string, WorkerReport>> {
    return new Map((await this.#look()).map((worker) => [worker.host, worker]));
  }

  async #lookAtContainers(): Promise<void> {
    await this.#containers.look();
    await Promise.all(this.#containers.ended().map((container) => this.#bury(container)));
  }

  /** Tells how a worker ended that nobody had asked to, and takes its container away. */
  async #bury(container: Container): Promise<void> {
    // One that never ran is what a scaler left behind that was killed while it started it.
    const isUnexpected = container.state !== "created" && !this.#crew.isRetiring(container.name);
    if (isUnexpected) await this.#tellEnd(container);
    await this.#takeAway(container);
  }

  async #tellEnd({ id, name }: Container): Promise<void> {
    const { engine, log } = this.#options;
    const hasWorked = this.#crew.hasWorked(name);
    let how: object;
    try {
      const { exitCode, outOfMemory } = await engine.readEnd(id);
      // It was stopped by somebody else, and in order. One that never worked would end so again and again.
      if (exitCode === 0 && hasWorked) return;
      // Gone with the container: not every kind of log can be read, and what it says is no reason to keep it.
      const lastWords = await engine.lastWords(id, LAST_WORDS).catch(() => "");
      how = { exitCode, outOfMemory, lastWords };
    } catch (error) {
      how = { error: messageOf(error) };
    }
    if (hasWorked) return log.warn("a worker ended", { worker: name, ...how });
    log.error("a worker ended before it worked", { worker: name, ...how, ...this.#crew.failed() });
  }

  /** Where the engine refuses, the next look tries again. */
  async #takeAway(container: Container): Promise<void> {
    const { name } = container;
    try {
      await this.#containers.remove(container);
      this.#crew.forget(name);
    } catch (error) {
      this.#options.log.warn(NOT_REMOVED, { worker: name, error: messageOf(error) });
    }
  }

  /** Our workers that live and that nobody has asked to stop. */
  #going(): Container[] {
    return this.#containers.living().filter(({ name }) => !this.#crew.isRetiring(name));
  }

  #byName(): ReadonlyMap<string, Container> {
    return new Map(this.#going().map((container) => [container.name, container]));
  }

  #isOurs(worker: WorkerReport): boolean {
    return worker.owner === this.#options.owner;
  }
}
