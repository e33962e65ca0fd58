import type { ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { Environment, Log } from "@bee/core";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";
import { LIFELINE_FD, LineHolder, type News } from "../process/lifeline.ts";
import { spawnBee } from "../process/spawn-bee.ts";
import { whenAborted } from "../process/stop-request.ts";

/** Workers that nobody retired are given this long: their scaler would have given them as much. */
const PATIENCE_MS = 30_000;
/** The system needs a moment to clear up after a killed process. */
const KILL_MS = 5_000;

interface Member extends ProcessIdentity {
  readonly news: News;
}

/** All processes that hang on this supervisor, its children's children too. */
export class Crew {
  readonly #told: Environment;
  readonly #log: Log;
  readonly #lines = new Set<LineHolder>();
  readonly #members = new Map<number, Member>();
  readonly #listeners = new Set<(news: News) => void>();

  /** @param told what each process learns by its environment. */
  constructor(told: Environment, log: Log) {
    this.#told = told;
    this.#log = log;
  }

  spawn(command: string, told: Environment = {}): ChildProcess {
    const child = spawnBee(command, "pipe", { ...this.#told, ...told });
    // There is none where the system refuses another process; the child's "error" event tells of that.
    const end = child.stdio?.[LIFELINE_FD] as Duplex | undefined;
    if (end !== undefined) this.#hold(new LineHolder(end, (news) => this.#hear(news)));
    return child;
  }

  /** The first news that is looked for, from now on. */
  hear(isLookedFor: (news: News) => boolean): Promise<News> {
    return new Promise((resolve) => {
      const listen = (news: News) => {
        if (!isLookedFor(news)) return;
        this.#listeners.delete(listen);
        resolve(news);
      };
      this.#listeners.add(listen);
    });
  }

  /** Resolves when so many workers are ready. */
  async workers(wanted: number): Promise<void> {
    const ready = ({ news }: Member) => news.from === "worker" && news.isReady;
    const isComplete = () => this.#living().filter(ready).length >= wanted;
    if (!isComplete()) await this.hear(isComplete);
  }

  /** Ends whoever is left, and resolves when nobody is. */
  async stop(urgent: AbortSignal): Promise<void> {
    const gone = Promise.all([...this.#lines].map((line) => line.gone)).then(() => true);
    for (const line of this.#lines) line.cut();
    const isOver = await Promise.race([gone, after(PATIENCE_MS), whenAborted(urgent).then(() => false)]);
    if (isOver) return;
    this.#kill();
    await Promise.race([gone, after(KILL_MS)]);
  }

  #hold(line: LineHolder): void {
    this.#lines.add(line);
    void line.gone.then(() => this.#lines.delete(line));
  }

  #hear(news: News): void {
    this.#members.set(news.pid, { ...identifyProcess(news.pid), news });
    for (const listen of this.#listeners) listen(news);
  }

  /** Those who have told of themselves and still run; the others are forgotten. */
  #living(): Member[] {
    for (const [pid, member] of this.#members) if (!isRunning(member)) this.#members.delete(pid);
    return [...this.#members.values()];
  }

  #kill(): void {
    for (const { pid, news } of this.#living()) {
      this.#log.warn("killing a process that did not stop", { which: `${news.from} ${pid}` });
      process.kill(pid, "SIGKILL");
    }
  }
}

async function after(ms: number): Promise<false> {
  return delay(ms, false, { ref: false });
}
