import type { ChildProcess } from "node:child_process";
import { type Fleet, type Log, messageOf, within } from "@bee/core";
import {
  type FleetRegistry,
  type Runnable,
  type SpawnedWorkers,
  type WorkerReport,
  type WorkerTroubles,
  workersOf,
} from "@bee/queue";
import { Crew, idlestOf } from "./crew.ts";
import { isAlive, signal } from "./process-signal.ts";
import { slotsOf } from "./slots-of.ts";
import type { Survey, WorkerDriver } from "./worker-driver.ts";

export interface WorkerPoolOptions {
  readonly registry: FleetRegistry;
  /** Only its workers are counted. */
  readonly fleet: Fleet;
  /** Those of this owner on this machine. */
  readonly spawned: SpawnedWorkers;
  /** Starts one worker process of this owner. */
  readonly spawn: () => ChildProcess;
  /** Workers with this owner are ours, also those that a scaler before us started. */
  readonly owner: string;
  readonly host: string;
  readonly log: Log;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** A worker that has not ended so long after SIGTERM is killed: its own grace time and a request's deadline. */
const KILL_AFTER_MS = 45_000;
const STOP_POLL_MS = 100;
const REGISTRY_MS = 2_000;

/** The worker processes of this machine: spawned, adopted from a scaler that died, retired by SIGTERM. */
export class WorkerPool implements WorkerDriver {
  readonly #options: WorkerPoolOptions;
  /**
   * Pids of our workers: our children, and those of a scaler of our name before us. A worker counts while its
   * process lives, also before its first report and after Redis lost its last one: or the fleet would double.
   */
  readonly #ours = new Set<number>();
  readonly #crew: Crew<number>;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#crew = new Crew(options.now);
  }

  /** Looks after all living workers of the fleet, ours and others'. */
  async survey(): Promise<Survey> {
    const reported = (await this.#look()).filter((worker) => this.#goesOn(worker));
    const others = reported.filter((worker) => !this.#isOurs(worker));
    return { current: others.length + this.#going().length, slots: slotsOf(reported) };
  }

  add(workers: number): number {
    const started = this.#crew.allow(workers, this.#going());
    for (let i = 0; i < started; i++) this.#spawn();
    return started;
  }

  /** Ends those of ours that live and do not work; others are started in their place. @returns how many. */
  async endStuck(runnable: Runnable): Promise<number> {
    const reports = await this.#readReports();
    const stuck = this.#crew.findStuck(this.#going(), reports, runnable);
    for (const { id: pid, why, isSilent } of stuck) {
      this.#options.log.error("a worker is stuck; another takes its place", { pid, why });
      this.#terminate(pid);
      if (isSilent) signal(pid, "SIGKILL");
    }
    return stuck.length;
  }

  troubles(): WorkerTroubles {
    return this.#crew.troubles();
  }

  /** Asks our idlest workers to stop; each finishes or hands back what it has. @returns how many were asked. */
  async retire(workers: number): Promise<number> {
    // What the leader asks for each second while all is as it should be.
    if (workers === 0) return 0;
    const reports = await this.#readReports();
    const chosen = idlestOf(this.#going(), reports, workers);
    for (const pid of chosen) this.#terminate(pid);
    return chosen.length;
  }

  /** Retires all our workers and waits until they have ended. */
  async stop(): Promise<void> {
    // Those we know go first: Redis, which knows of others, may be away.
    for (const pid of this.#ours) this.#terminate(pid);
    await within(REGISTRY_MS, "Redis", this.#look()).catch(this.#blind);
    for (const pid of this.#ours) this.#terminate(pid);
    const living = () => [...this.#ours].filter(isAlive);
    const deadline = performance.now() + KILL_AFTER_MS;
    // Adopted workers are not our children, so their end is no event here.
    while (living().length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
    }
    for (const pid of living()) signal(pid, "SIGKILL");
  }

  #spawn(): void {
    const child = this.#options.spawn();
    const { pid } = child;
    child.on("error", (error) =>
      this.#options.log.error("no worker could be started", { error: messageOf(error) }),
    );
    if (pid === undefined) return;
    this.#ours.add(pid);
    this.#options.spawned.add(pid).catch(this.#blind);
    // The number may have been another worker's before.
    this.#crew.forget(pid);
    child.once("exit", (code, signalName) => {
      this.#forget(pid);
      this.#options.spawned.remove(pid).catch(this.#blind);
      if (!this.#crew.isRetiring(pid)) this.#ended(pid, { code, signal: signalName });
      this.#crew.forget(pid);
      // One that ended in order has left the registry itself.
      if (code !== 0) this.#look().catch(this.#blind);
    });
  }

  #ended(pid: number, how: { code: number | null; signal: string | null }): void {
    const { log } = this.#options;
    if (this.#crew.hasWorked(pid)) {
      log.warn("a worker ended", { pid, ...how });
      return;
    }
    log.error("a worker ended before it worked; its log says why", { pid, ...how, ...this.#crew.failed() });
  }

  /**
   * Once: a worker takes a second SIGTERM for impatience and drops what it has. One that has not ended in time is
   * killed; what it had is found by its locks and leases.
   */
  #terminate(pid: number): void {
    if (this.#crew.isRetiring(pid)) return;
    this.#crew.retire(pid);
    this.#options.spawned.remove(pid).catch(this.#blind);
    signal(pid, "SIGTERM");
    const kill = () => {
      if (this.#ours.has(pid) && this.#crew.isRetiring(pid)) signal(pid, "SIGKILL");
    };
    setTimeout(kill, KILL_AFTER_MS).unref();
  }

  /** Asks who has reported, learns of workers of ours that we did not know, and takes out those that were killed. */
  async #look(): Promise<WorkerReport[]> {
    const { registry, fleet, spawned } = this.#options;
    const [all, unheard] = await Promise.all([registry.list(), spawned.list()]);
    const reported = workersOf(fleet, all);
    for (const pid of unheard) this.#ours.add(pid);
    // The pid of a worker that has ended may soon be somebody else's.
    for (const pid of this.#ours) if (!isAlive(pid)) this.#forget(pid);
    const killed = reported.filter((worker) => this.#isOurs(worker) && !isAlive(worker.pid));
    for (const { id } of killed) await registry.leave(id);
    const living = reported.filter((worker) => !killed.includes(worker));
    for (const worker of living.filter((worker) => this.#isOurs(worker))) this.#learn(worker);
    return living;
  }

  /** Of ours, by pid: another machine's worker may have the same. */
  async #readReports(): Promise<ReadonlyMap<number, WorkerReport>> {
    const ours = (await this.#look()).filter((worker) => this.#isOurs(worker));
    return new Map(ours.map((worker) => [worker.pid, worker]));
  }

  #learn({ pid, state }: WorkerReport): void {
    this.#ours.add(pid);
    this.#crew.learn(pid, state);
  }

  #forget(pid: number): void {
    this.#ours.delete(pid);
    this.#crew.expectNoReport(pid);
  }

  readonly #blind = (error: unknown): void => {
    this.#options.log.warn("the registry was not asked for our workers", { error: messageOf(error) });
  };

  /** Our workers that live and that nobody has asked to stop. */
  #going(): number[] {
    return [...this.#ours].filter((pid) => !this.#crew.isRetiring(pid) && isAlive(pid));
  }

  /** One of this machine that has ended is not waited for until its report expires. */
  #goesOn({ state, host, pid }: WorkerReport): boolean {
    return state !== "stopping" && (host !== this.#options.host || isAlive(pid));
  }

  #isOurs(worker: WorkerReport): boolean {
    return worker.owner === this.#options.owner && worker.host === this.#options.host;
  }
}
