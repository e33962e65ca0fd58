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
  /**
   * Pids of our workers: our children, and those that reported themselves under our name. A worker counts while its
   * process lives, also before its first report and after Redis lost its last one: or the fleet would double.
   */
  readonly #ours = new Set<number>();
  readonly #retiring = new Set<number>();

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  /** All living workers of the fleet that nobody has asked to stop, ours and others'. */
  async count(): Promise<number> {
    const reported = await this.#look();
    const others = reported.filter((worker) => !this.#isOurs(worker) && this.#goesOn(worker));
    return others.length + this.#going().length;
  }

  add(workers: number): void {
    for (let i = 0; i < workers; i++) this.#spawn();
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
    // The number may have been another worker's before.
    this.#retiring.delete(pid);
    child.once("exit", (code, signalName) => {
      this.#ours.delete(pid);
      const expected = this.#retiring.delete(pid);
      if (!expected) this.#options.log.warn("a worker ended", { pid, code, signal: signalName });
      // One that ended in order has left the registry itself.
      if (code !== 0) this.#look().catch(this.#blind);
    });
  }

  /** Once: a worker takes a second SIGTERM for impatience and drops what it has. */
  #terminate(pid: number): void {
    if (this.#retiring.has(pid)) return;
    this.#retiring.add(pid);
    signal(pid, "SIGTERM");
  }

  /** Asks who has reported, learns of workers of ours that we did not know, and takes out those that were killed. */
  async #look(): Promise<WorkerReport[]> {
    const { registry } = this.#options;
    const reported = await registry.list();
    // The pid of a worker that has ended may soon be somebody else's.
    for (const pid of this.#ours) if (!isAlive(pid)) this.#ours.delete(pid);
    const killed = reported.filter((worker) => this.#isOurs(worker) && !isAlive(worker.pid));
    for (const { id } of killed) await registry.leave(id);
    const living = reported.filter((worker) => !killed.includes(worker));
    for (const { pid, state } of living.filter((worker) => this.#isOurs(worker))) {
      this.#ours.add(pid);
      if (state === "stopping") this.#retiring.add(pid);
    }
    return living;
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
