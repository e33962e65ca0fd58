import { randomBytes } from "node:crypto";
import { type Log, messageOf } from "@bee/core";
import type { FleetRegistry, Runnable, WorkerReport } from "@bee/queue";
import type { Container, DockerEngine } from "./docker-engine.ts";
import { STOP_GRACE_MS, type WorkerTemplate } from "./docker-template.ts";
import { slotsOf } from "./slots-of.ts";
import { StartBackoff } from "./start-backoff.ts";
import { whyStuck } from "./stuck-worker.ts";
import type { Survey, WorkerDriver, WorkerTroubles } from "./worker-driver.ts";

export interface DockerDriverOptions {
  readonly registry: FleetRegistry;
  readonly engine: DockerEngine;
  readonly template: WorkerTemplate;
  /** Workers with this owner are ours, also those that a scaler before us started. */
  readonly owner: string;
  readonly log: Log;
}

/** The leader looks once a second; who has not looked for so long leads no more. */
const LEADS_MS = 5_000;
const STOP_POLL_MS = 250;
/** What the engine takes over a container that it has killed. */
const STOP_MARGIN_MS = 5_000;
const STUCK_KEPT_MS = 5 * 60_000;
const LAST_WORDS = 3;
/** The states of a container whose process is there. */
const LIVES: readonly string[] = ["running", "paused", "restarting"];

/**
 * Worker containers on one Docker engine: started, adopted by their label from a scaler that led before, and stopped.
 * An engine that does not answer takes no worker with it: until it does, those it last listed count as alive.
 */
export class DockerDriver implements WorkerDriver {
  readonly #options: DockerDriverOptions;
  /** Our workers by name, as the engine last listed them; undefined until it has done so once. */
  #containers: ReadonlyMap<string, Container> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isAway = false;
  /** Asked for and not running yet. */
  readonly #starting = new Set<string>();
  readonly #retiring = new Set<string>();
  /** Those that got as far as to work. */
  readonly #worked = new Set<string>();
  readonly #silentSince = new Map<string, number>();
  readonly #backoff = new StartBackoff();
  /** When workers were found stuck of late. */
  #stuckAt: number[] = [];

  constructor(options: DockerDriverOptions) {
    this.#options = options;
  }

  async survey(): Promise<Survey> {
    const reported = (await this.#look()).filter((worker) => worker.state !== "stopping");
    const others = reported.filter((worker) => !this.#isOurs(worker));
    const going = new Set([...this.#going().map(({ name }) => name), ...this.#starting]);
    const counted = reported.filter((worker) => !this.#isOurs(worker) || going.has(worker.host));
    return { current: others.length + going.size, slots: slotsOf(counted) };
  }

  add(workers: number): number {
    const isTrying = this.#starting.size > 0 || this.#going().some(({ name }) => !this.#worked.has(name));
    const started = this.#backoff.allow(workers, isTrying);
    const names = Array.from({ length: started }, () => this.#newName());
    for (const name of names) this.#starting.add(name);
    if (started > 0) void this.#startAll(names);
    return started;
  }

  async retire(workers: number): Promise<number> {
    const busy = new Map((await this.#look()).map((worker) => [worker.host, worker.busy]));
    const idlest = this.#going().sort((a, b) => (busy.get(a.name) ?? 0) - (busy.get(b.name) ?? 0));
    const chosen = idlest.slice(0, workers);
    for (const container of chosen) this.#terminate(container);
    return chosen.length;
  }

  async endStuck(runnable: Runnable): Promise<number> {
    const { engine, log } = this.#options;
    const reports = new Map((await this.#look()).map((worker) => [worker.host, worker]));
    const stuck = this.#going().flatMap((container) => {
      const report = reports.get(container.name);
      const why = whyStuck({ report, silentMs: this.#silentMs(container.name, report), runnable });
      return why === null ? [] : [{ container, why, isSilent: report === undefined }];
    });
    for (const { container, why, isSilent } of stuck) {
      log.error("a worker is stuck; another takes its place", { worker: container.name, why });
      if (isSilent) {
        // One that says nothing will not hear a signal either.
        await engine
          .remove(container.id)
          .then(() => this.#forget(container.name), this.#refused("removed", container.name));
      } else this.#terminate(container);
      this.#stuckAt.push(performance.now());
    }
    return stuck.length;
  }

  troubles(): WorkerTroubles {
    this.#stuckAt = this.#stuckAt.filter((at) => at > performance.now() - STUCK_KEPT_MS);
    return { failedStarts: this.#backoff.failures, stuck: this.#stuckAt.length };
  }

  /**
   * Retires all our workers and waits until they have ended, if we lead: those of a fleet that another scaler leads
   * are its own.
   */
  async stop(): Promise<void> {
    if (performance.now() - this.#lookedAt > LEADS_MS) return;
    const deadline = performance.now() + STOP_GRACE_MS + STOP_MARGIN_MS;
    do {
      await this.#see().catch(() => {});
      for (const container of this.#going()) this.#terminate(container);
      if (this.#living().length === 0 && this.#starting.size === 0) return;
      await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
    } while (performance.now() < deadline);
    this.#options.log.error("worker containers are left behind; remove them by their label", {
      label: this.#options.template.label,
      workers: this.#living().map(({ name }) => name),
    });
  }

  async #startAll(names: readonly string[]): Promise<void> {
    const results = await Promise.allSettled(names.map((name) => this.#start(name)));
    for (const name of names) this.#starting.delete(name);
    const failures = results.filter((result) => result.status === "rejected");
    if (failures.length === 0) return;
    // They were asked for at once and fail for one reason: that is one failure.
    const waitMs = this.#backoff.failed();
    this.#options.log.error("no worker container could be started", {
      containers: failures.length,
      error: messageOf(failures[0]!.reason),
      inARow: this.#backoff.failures,
      waitMs,
    });
  }

  async #start(name: string): Promise<void> {
    const { engine, template, owner } = this.#options;
    const id = await engine.create(name, template.spec(name, owner));
    try {
      for (const network of template.furtherNetworks) await engine.connect(network, id);
      await engine.start(id);
    } catch (error) {
      await engine.remove(id).catch(this.#refused("removed", name));
      throw error;
    }
    this.#containers = byName([...this.#all(), { id, name, state: "running" }]);
  }

  /**
   * Of those that go on, as a worker takes a second SIGTERM for impatience. The engine kills it when its grace time is
   * over.
   */
  #terminate({ id, name }: Container): void {
    this.#retiring.add(name);
    this.#options.engine.stop(id, STOP_GRACE_MS).catch((error) => {
      // It will be asked again: one that nobody could ask has to go on being counted.
      this.#retiring.delete(name);
      this.#refused("stopped", name)(error);
    });
  }

  /**
   * Asks who has reported and which containers there are, in this order: who reports has a container. Takes those away
   * that have ended, and the reports of those that were killed.
   */
  async #look(): Promise<WorkerReport[]> {
    const { registry } = this.#options;
    const reported = await registry.list();
    await this.#see();
    const living = new Set(this.#living().map(({ name }) => name));
    const killed = reported.filter((worker) => this.#isOurs(worker) && !living.has(worker.host));
    for (const { id } of killed) await registry.leave(id);
    const rest = reported.filter((worker) => !killed.includes(worker));
    for (const worker of rest.filter((worker) => this.#isOurs(worker))) this.#learn(worker);
    return rest;
  }

  /** @throws BeeError `unavailable` while the engine has never answered: who knows of no worker must not decide. */
  async #see(): Promise<void> {
    const { engine, template, log } = this.#options;
    try {
      const starting = new Set(this.#starting);
      const listed = await engine.list(template.label);
      // Those that were started meanwhile may be missing, or not run yet.
      const young = this.#all().filter(({ name }) => starting.has(name));
      this.#containers = byName([...listed, ...young]);
      if (this.#isAway) log.info("the Docker engine answers again");
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) log.error("the Docker engine does not answer", { error: messageOf(error) });
      this.#isAway = true;
      if (this.#containers === undefined) throw error;
    }
    this.#lookedAt = performance.now();
    await Promise.all(this.#ended().map((container) => this.#bury(container)));
  }

  #learn({ host, state }: WorkerReport): void {
    if (state === "stopping") this.#retiring.add(host);
    if (state !== "working" || this.#worked.has(host)) return;
    this.#worked.add(host);
    this.#backoff.worked();
  }

  /** Tells how a worker ended that nobody had asked to, and takes its container away. */
  async #bury(container: Container): Promise<void> {
    const { id, name, state } = container;
    const { engine } = this.#options;
    try {
      // One that never ran is what a scaler left behind that was killed while it started it.
      if (state !== "created" && !this.#retiring.has(name)) await this.#tellEnd(container);
      await engine.remove(id);
      this.#forget(name);
    } catch (error) {
      this.#refused("removed", name)(error);
    }
  }

  async #tellEnd({ id, name }: Container): Promise<void> {
    const { engine, log } = this.#options;
    const { exitCode, outOfMemory } = await engine.readEnd(id);
    // It was stopped by somebody else, and in order.
    if (exitCode === 0) return;
    // Gone with the container: not every kind of log can be read, and what it says is no reason to keep it.
    const lastWords = await engine.lastWords(id, LAST_WORDS).catch(() => "");
    const how = { worker: name, exitCode, outOfMemory, lastWords };
    if (this.#worked.has(name)) return log.warn("a worker ended", how);
    const waitMs = this.#backoff.failed();
    log.error("a worker ended before it worked", { ...how, inARow: this.#backoff.failures, waitMs });
  }

  #forget(name: string): void {
    this.#containers = byName(this.#all().filter((container) => container.name !== name));
    this.#retiring.delete(name);
    this.#worked.delete(name);
    this.#silentSince.delete(name);
  }

  #silentMs(name: string, report: WorkerReport | undefined): number {
    const now = performance.now();
    if (report !== undefined) this.#silentSince.delete(name);
    else if (!this.#silentSince.has(name)) this.#silentSince.set(name, now);
    return now - (this.#silentSince.get(name) ?? now);
  }

  #all(): Container[] {
    return [...(this.#containers?.values() ?? [])];
  }

  /** Our workers that live, also those that were asked to stop. */
  #living(): Container[] {
    return this.#all().filter(({ state }) => LIVES.includes(state));
  }

  /** One that is being removed needs no more from us. */
  #ended(): Container[] {
    return this.#all().filter(
      ({ name, state }) => !LIVES.includes(state) && state !== "removing" && !this.#starting.has(name),
    );
  }

  /** Our workers that live and that nobody has asked to stop. */
  #going(): Container[] {
    return this.#living().filter(({ name }) => !this.#retiring.has(name));
  }

  #isOurs(worker: WorkerReport): boolean {
    return worker.owner === this.#options.owner;
  }

  #newName(): string {
    return `${this.#options.template.prefix}-${randomBytes(4).toString("hex")}`;
  }

  /** The next look tries again. */
  #refused(what: "stopped" | "removed", worker: string) {
    return (error: unknown): void =>
      this.#options.log.warn(`a worker container could not be ${what}`, { worker, error: messageOf(error) });
  }
}

function byName(containers: readonly Container[]): ReadonlyMap<string, Container> {
  return new Map(containers.map((container) => [container.name, container]));
}
