import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { nodeArguments } from "@bee/cli/node-arguments";
import { SIMULATED_WEB } from "./bee-process.ts";

/** `bee up` in a directory of its own: the whole fleet with its stores, as it runs on one machine. */
export class FleetUp {
  readonly #directory = mkdtempSync(join(tmpdir(), "bee-fleet-"));
  readonly #child: ChildProcess;
  /** Processes that have said that they are ready, by name, the oldest first. */
  readonly #pids = new Map<string, number[]>();
  readonly #lines: string[] = [];

  /** Resolves when it is up. @throws Error with what it said when it does not start. */
  static async start(variables: Readonly<Record<string, string>> = {}): Promise<FleetUp> {
    const fleet = new FleetUp(variables);
    await fleet.#ready();
    return fleet;
  }

  private constructor(variables: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, nodeArguments("up"), {
      env: { ...process.env, ...SIMULATED_WEB, BEE_DATA_DIR: this.#directory, BEE_PORT: "0", ...variables },
      stdio: ["ignore", "pipe", "pipe"],
    });
    createInterface({ input: this.#child.stderr as Readable }).on("line", (line) => this.#hear(line));
  }

  get url(): string {
    return this.#read("fleet.json").url;
  }

  get databaseUrl(): string {
    return this.#read("fleet.json").databaseUrl;
  }

  get redisUrl(): string {
    const password = readFileSync(join(this.#directory, "redis/password"), "utf8").trim();
    return `redis://:${password}@127.0.0.1:${this.#read("redis/server.json").port}/0`;
  }

  /** The processes of that name that still run. */
  pidsOf(name: "api" | "scaler" | "worker"): number[] {
    return (this.#pids.get(name) ?? []).filter(isAlive);
  }

  pidOf(store: "postgres" | "redis"): number {
    return this.#read(`${store}/server.json`).server.pid;
  }

  /** Asks its API. @throws Error for any answer but a 2xx. */
  async ask<T>(path: string, init: RequestInit = {}): Promise<T> {
    const key = readFileSync(join(this.#directory, "admin-key"), "utf8").trim();
    const answer = await fetch(`${this.url}${path}`, {
      ...init,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...init.headers },
      signal: AbortSignal.timeout(10_000),
    });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** The lines of its log with that message. */
  heard(message: string): Record<string, number>[] {
    const lines = this.#lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
    return lines.filter((line) => line.message === message);
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await exited;
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #ready(): Promise<void> {
    for await (const line of createInterface({ input: this.#child.stdout as Readable })) {
      if (!line.includes("is up")) continue;
      // Read on, so that a full pipe does not hold the fleet up.
      this.#child.stdout!.resume();
      return;
    }
    throw new Error(`expected bee up to start, got its end after:\n${this.#lines.join("\n")}`);
  }

  #hear(line: string): void {
    this.#lines.push(line);
    if (!line.startsWith("{")) return;
    const { message, process: who } = JSON.parse(line);
    if (message !== "ready") return;
    this.#pids.set(who.name, [...(this.#pids.get(who.name) ?? []), who.pid]);
  }

  #read(file: string) {
    return JSON.parse(readFileSync(join(this.#directory, file), "utf8"));
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
