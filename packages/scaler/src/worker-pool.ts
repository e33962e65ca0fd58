import type { ChildProcess } from "node:child_process";
import { type Log, messageOf, within } from "@bee/core";
import type { FleetRegistry, WorkerReport } from "@bee/queue";

export interface WorkerPoolOptions {
  readonly registry: FleetRegistry;
  /** Starts one worker process of this owner. */
  readonly spawn: () => ChildProcess;
  /** Workers with this owner are ours, also those that a scaler before us started. */
  readonly owner: string;
  readonly host: string;
  readonly log: Log;
}

/** A worker that has not ended so long after SIGTERM is killed: its own grace time and a request's deadline. */
const KILL_AFTER_MS = 45_000;
const STOP_POLL_MS = 100;
const REGISTRY_MS = 2_000;

/** The worker processes of this machine: spawned, adopted from a scaler that died, retired by SIGTERM. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  /** Our children that live, by pid; one that has not yet reported itself counts as a worker too. */
  readonly #children = new Map<number, ChildProcess>();
  readonly #retiring = new Set<number>();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** All living workers of the fleet that nobody has asked to stop, ours and others'. */
  async count(): Promise<number> {
    const reported = await this.#working();
    const known = new Set(reported.filter((worker) => this.#isOurs(worker)).map(({ pid }) => pid));
    const starting = [...this.#children.keys()].filter((pid) => !known.has(pid) && !this.#retiring.has(pid));
    return reported.length + starting.length;
  }

  add(workers: number): void {
    for (let i = 0; i < workers; i++) this.#spawn();
  }

  /** Asks our idlest workers to stop; each finishes or hands back what it has. */
  async retire(workers: number): Promise<number> {
    const ours = (await this.#working()).filter((worker) => this.#isOurs(worker));
    const idlest = ours.sort((a, b) => a.busy - b.busy).slice(0, workers);
    for (const { pid } of idlest) this.#terminate(pid);
    return idlest.length;
  }

  /** Retires all our workers and waits until they have ended. */
  async stop(): Promise<void> {
    for (const pid of this.#children.keys()) this.#terminate(pid);
    const pids = [...new Set([...this.#children.keys(), ...(await this.#adopted())])].filter(isAlive);
    for (const pid of pids) this.#terminate(pid);
    const deadline = performance.now() + KILL_AFTER_MS;
    // Adopted workers are not our children, so their end is no event here.
    while (pids.some(isAlive) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
    }
    for (const pid of pids.filter(isAlive)) signal(pid, "SIGKILL");
  }

  /** Workers of ours that a scaler before us started; none are known while Redis is away. */
  async #adopted(): Promise<number[]> {
    try {
      const reported = await within(REGISTRY_MS, "Redis", this.#reported());
      return reported.filter((worker) => this.#isOurs(worker)).map(({ pid }) => pid);
    } catch (error) {
      this.#options.log.warn("the registry was not asked for workers to stop", { error: messageOf(error) });
      return [];
    }
  }

  #spawn(): void {
    const child = this.#options.spawn();
    const { pid } = child;
    child.on("error", (error) =>
      this.#options.log.error("no worker could be started", { error: messageOf(error) }),
    );
    if (pid === undefined) return;
    this.#children.set(pid, child);
    // The number may have been another worker's before.
    this.#retiring.delete(pid);
    child.once("exit", (code, signalName) => {
      this.#children.delete(pid);
      const expected = this.#retiring.delete(pid);
      if (!expected) this.#options.log.warn("a worker ended", { pid, code, signal: signalName });
    });
  }

  /** Once: a worker takes a second SIGTERM for impatience and drops what it has. */
  #terminate(pid: number): void {
    if (this.#retiring.has(pid)) return;
    this.#retiring.add(pid);
    signal(pid, "SIGTERM");
  }

  async #reported(): Promise<WorkerReport[]> {
    return this.#options.registry.list();
  }

  /** Reported workers that go on: a process of this machine that has ended is not waited for until its report expires. */
  async #working(): Promise<WorkerReport[]> {
    const { host } = this.#options;
    return (await this.#reported()).filter(
      (worker) =>
        worker.state !== "stopping" &&
        !(this.#isOurs(worker) && this.#retiring.has(worker.pid)) &&
        (worker.host !== host || isAlive(worker.pid)),
    );
  }

  #isOurs(worker: WorkerReport): boolean {
    return worker.owner === this.#options.owner && worker.host === this.#options.host;
  }
}

function isAlive(pid: number): boolean {
  return signal(pid, 0);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    // The process is gone, which is what was wanted or what was asked.
    return false;
  }
}
