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
import { isAlive, signal } from "./process-signal.ts";
import { Silences } from "./silences.ts";
import { slotsOf } from "./slots-of.ts";
import { StartBackoff } from "./start-backoff.ts";
import { whyStuck } from "./stuck-worker.ts";
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
const STUCK_KEPT_MS = 5 * 60_000;

/** The worker processes of this machine: spawned, adopted from a scaler that died, retired by SIGTERM. */
export class WorkerPool implements WorkerDriver {
  readonly #options: WorkerPoolOptions;
  readonly #now: () => number;
  /**
   * Pids of our workers: our children, and those of a scaler of our name before us. A worker counts while its
   * process lives, also before its first report and after Redis lost its last one: or the fleet would double.
   */
  readonly #ours = new Set<number>();
  readonly #retiring = new Set<number>();
  /** Those of them that got as far as to work. */
  readonly #worked = new Set<number>();
  readonly #silences: Silences<number>;
  readonly #backoff: StartBackoff;
  /** When workers were found stuck of late. */
  #stuckAt: number[] = [];

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#silences = new Silences(this.#now);
    this.#backoff = new StartBackoff(this.#now);
  }

  /** Looks after all living workers of the fleet, ours and others'. */
  async survey(): Promise<Survey> {
    const reported = (await this.#look()).filter((worker) => this.#goesOn(worker));
    const others = reported.filter((worker) => !this.#isOurs(worker));
    return { current: others.length + this.#going().length, slots: slotsOf(reported) };
  }

  add(workers: number): number {
    const isTrying = this.#going().some((pid) => !this.#worked.has(pid));
    const started = this.#backoff.allow(workers, isTrying);
    for (let i = 0; i < started; i++) this.#spawn();
    return started;
  }

  /** Ends those of ours that live and do not work; others are started in their place. @returns how many. */
  async endStuck(runnable: Runnable): Promise<number> {
    const reports = new Map((await this.#look()).map((worker) => [worker.pid, worker]));
    const stuck = this.#going().flatMap((pid) => {
      const report = reports.get(pid);
      const why = whyStuck({ report, silentMs: this.#silences.look(pid, report !== undefined), runnable });
      return why === null ? [] : [{ pid, why, silent: report === undefined }];
    });
    for (const { pid, why, silent } of stuck) {
      this.#options.log.error("a worker is stuck; another takes its place", { pid, why });
      this.#terminate(pid);
      // A process that says nothing will not hear this either.
      if (silent) signal(pid, "SIGKILL");
      this.#stuckAt.push(this.#now());
    }
    return stuck.length;
  }

  troubles(): WorkerTroubles {
    this.#stuckAt = this.#stuckAt.filter((at) => at > this.#now() - STUCK_KEPT_MS);
    return { failedStarts: this.#backoff.failures, stuck: this.#stuckAt.length };
  }

  /** Asks our idlest workers to stop; each finishes or hands back what it has. @returns how many were asked. */
  async retire(workers: number): Promise<number> {
    const reported = (await this.#look()).filter((worker) => this.#isOurs(worker));
    const busy = new Map(reported.map((worker) => [worker.pid, worker.busy]));
    const idlest = this.#going().sort((a, b) => (busy.get(a) ?? 0) - (busy.get(b) ?? 0));
    const chosen = idlest.slice(0, workers);
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
    this.#retiring.delete(pid);
    this.#worked.delete(pid);
    child.once("exit", (code, signalName) => {
      this.#forget(pid);
      this.#options.spawned.remove(pid).catch(this.#blind);
      const expected = this.#retiring.delete(pid);
      if (!expected) this.#ended(pid, { code, signal: signalName });
      // One that ended in order has left the registry itself.
      if (code !== 0) this.#look().catch(this.#blind);
    });
  }

  #ended(pid: number, how: { code: number | null; signal: string | null }): void {
    const { log } = this.#options;
    if (this.#worked.has(pid)) {
      log.warn("a worker ended", { pid, ...how });
      return;
    }
    const waitMs = this.#backoff.failed();
    log.error("a worker ended before it worked; its log says why", {
      pid,
      ...how,
      inARow: this.#backoff.failures,
      waitMs,
    });
  }

  /**
   * Once: a worker takes a second SIGTERM for impatience and drops what it has. One that has not ended in time is
   * killed; what it had is found by its locks and leases.
   */
  #terminate(pid: number): void {
    if (this.#retiring.has(pid)) return;
    this.#retiring.add(pid);
    this.#options.spawned.remove(pid).catch(this.#blind);
    signal(pid, "SIGTERM");
    const kill = () => {
      if (this.#ours.has(pid) && this.#retiring.has(pid)) signal(pid, "SIGKILL");
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

  #learn({ pid, state }: WorkerReport): void {
    this.#ours.add(pid);
    if (state === "stopping") this.#retiring.add(pid);
    if (state !== "working" || this.#worked.has(pid)) return;
    this.#worked.add(pid);
    this.#backoff.worked();
  }

  #forget(pid: number): void {
    this.#ours.delete(pid);
    this.#silences.forget(pid);
  }

  readonly #blind = (error: unknown): void => {
    this.#options.log.warn("the registry was not asked for our workers", { error: messageOf(error) });
  };

  /** Our workers that live and that nobody has asked to stop. */
  #going(): number[] {
    return [...this.#ours].filter((pid) => !this.#retiring.has(pid) && isAlive(pid));
  }

  /** One of this machine that has ended is not waited for until its report expires. */
  #goesOn({ state, host, pid }: WorkerReport): boolean {
    return state !== "stopping" && (host !== this.#options.host || isAlive(pid));
  }

  #isOurs(worker: WorkerReport): boolean {
    return worker.owner === this.#options.owner && worker.host === this.#options.host;
  }
}
