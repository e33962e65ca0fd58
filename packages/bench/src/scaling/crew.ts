import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Duplex, Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { LIFELINE_FD, LineHolder, type News } from "@bee/cli/lifeline";
import { nodeArguments } from "@bee/cli/node-arguments";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";
import { SIMULATED_WEB } from "../harness/bee-process.ts";

/** A line of the log of any of them. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly process: { readonly name: string; readonly pid: number };
  readonly [field: string]: unknown;
}

const PATIENCE_MS = 40_000;
const POLL_MS = 50;

/**
 * Processes of one owner as a supervisor starts them: the workers of a scaler hang on our line and not on their scaler,
 * so they outlive it, and another scaler of this crew takes them over.
 */
export class Crew {
  readonly lines: LogLine[] = [];
  readonly #variables: Readonly<Record<string, string>>;
  readonly #holders: LineHolder[] = [];
  /** Seen from the system, and not from the fleet's own registry. */
  readonly #workers = new Map<number, ProcessIdentity>();
  readonly #started: ProcessIdentity[] = [];
  readonly #listeners = new Set<(news: News) => void>();

  constructor(owner: string, variables: Readonly<Record<string, string>>) {
    this.#variables = { ...SIMULATED_WEB, ...variables, BEE_OWNER: owner, BEE_LOG_LEVEL: "info" };
  }

  /** Resolves when it is ready. */
  async start(command: "api" | "scaler"): Promise<News> {
    const child = spawn(process.execPath, nodeArguments(command), {
      detached: true,
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      env: { ...process.env, ...this.#variables, BEE_LIFELINE: String(LIFELINE_FD) },
    });
    createInterface({ input: child.stderr as Readable }).on("line", (line) => this.#read(line));
    this.#started.push(identifyProcess(child.pid!));
    const ready = new Promise<News>((resolve, reject) => {
      this.#listeners.add((news) => news.pid === child.pid && news.isReady && resolve(news));
      child.once("exit", (code, signal) =>
        reject(new Error(`expected bee ${command} to run, got its end (${signal ?? code})\n${this.#end()}`)),
      );
    });
    this.#holders.push(new LineHolder(child.stdio[LIFELINE_FD] as Duplex, (news) => this.#hear(news)));
    return ready;
  }

  /** The workers that run, and have not begun to stop. */
  going(): number[] {
    const stopping = new Set(this.heard("stopping").map((line) => line.process.pid));
    return this.living().filter((pid) => !stopping.has(pid));
  }

  /** The workers that run. */
  living(): number[] {
    return [...this.#workers.values()].filter(isRunning).map(({ pid }) => pid);
  }

  /** The workers that have got to work and run. */
  working(): number[] {
    const ready = new Set(this.heard("ready").map((line) => line.process.pid));
    return this.going().filter((pid) => ready.has(pid));
  }

  /** Resolves when so many workers run, those that stop included. */
  async untilLiving(workers: number): Promise<void> {
    while (this.living().length !== workers) await delay(POLL_MS);
  }

  /** All workers that ever were. */
  get everyWorker(): readonly number[] {
    return [...this.#workers.keys()];
  }

  heard(message: string): LogLine[] {
    return this.lines.filter((line) => line.message === message);
  }

  /** The first line that tells of a change to so many workers. */
  async decision(workers: number): Promise<LogLine> {
    const isIt = (line: LogLine) => line["to"] === workers && line["from"] !== workers;
    for (;;) {
      const found = this.heard("scaling").find(isIt);
      if (found !== undefined) return found;
      await delay(POLL_MS);
    }
  }

  /** Kills every process of this crew, as the loss of its machines would. */
  kill(): void {
    for (const one of [...this.#started, ...this.#workers.values()])
      if (isRunning(one)) process.kill(one.pid, "SIGKILL");
  }

  /** Ends all in order, and kills those that do not end. */
  async stop(): Promise<void> {
    for (const holder of this.#holders) holder.cut();
    const deadline = performance.now() + PATIENCE_MS;
    const all = [...this.#started, ...this.#workers.values()];
    while (all.some(isRunning) && performance.now() < deadline) await delay(POLL_MS);
    this.kill();
  }

  #hear(news: News): void {
    if (news.from === "worker" && !this.#workers.has(news.pid))
      this.#workers.set(news.pid, identifyProcess(news.pid));
    for (const listen of this.#listeners) listen(news);
  }

  #read(line: string): void {
    try {
      this.lines.push(JSON.parse(line));
    } catch {
      // What is no line of the log: a warning of Node's, or half a line of one that was killed.
    }
  }

  #end(): string {
    return this.lines
      .slice(-10)
      .map((line) => JSON.stringify(line))
      .join("\n");
  }
}
