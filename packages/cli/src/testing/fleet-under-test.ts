import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";
import { bee, type Ended, spawnBee, type Variables } from "./bee.ts";
import { familyOf } from "./processes.ts";

/** A line of the fleet's log. */
export interface LogLine {
  readonly level: string;
  readonly process: { readonly name: string; readonly pid: number };
  readonly message: string;
  readonly pid?: number;
  readonly reason?: string;
}

/** A data directory for tests, and what lets a fleet warm a site on this machine quickly. */
export class Home {
  readonly dataDir = mkdtempSync(join(tmpdir(), "bee-cli-"));
  readonly variables: Variables;

  constructor(requestsPerSecond: number) {
    const rules = join(this.dataDir, "rules.json");
    const rule = { requestsPerSecond, burst: requestsPerSecond, concurrency: 20 };
    writeFileSync(rules, JSON.stringify({ default: rule }));
    this.variables = {
      BEE_DATA_DIR: this.dataDir,
      BEE_ALLOW_PRIVATE: "127.0.0.0/8",
      BEE_RESOLVE: "*.test=127.0.0.1",
      BEE_RULES: rules,
    };
  }

  /** Runs a command beside the fleet of this directory. */
  bee(...args: string[]): Promise<Ended> {
    return bee(args, this.variables);
  }

  remove(): void {
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** `bee up` as a process, known by what it logs. */
export class FleetUnderTest {
  readonly lines: LogLine[] = [];
  /** Resolves when it is up; rejects when it ended before. */
  readonly ready: Promise<void>;
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(line: LogLine) => void>();
  readonly #seen = new Map<number, ProcessIdentity>();

  constructor(home: Home, variables: Variables = {}) {
    this.#child = spawnBee(["up"], { ...home.variables, BEE_PORT: "0", ...variables });
    this.exited = new Promise((resolve) => void this.#child.once("exit", resolve));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    createInterface({ input: this.#child.stdout as Readable }).on("line", (line) => {
      if (line.includes("is up")) resolve();
    });
    createInterface({ input: this.#child.stderr as Readable }).on("line", (line) => this.#read(line, reject));
    void this.exited.then((code) => reject(new Error(`the fleet ended with ${code}`)));
    promise.catch(() => {}); // a test that waits for it gets it
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The processes of that name that have told that they are ready and still run, the oldest first. */
  pidsOf(name: string): number[] {
    return this.lines
      .filter((line) => line.process.name === name && line.message === "ready")
      .map((line) => line.process.pid)
      .filter((pid) => isRunning(this.#seen.get(pid)!));
  }

  /** Everybody who runs now: supervisor, processes, stores and their helpers. */
  family(): ProcessIdentity[] {
    const known = [...this.#seen.values()].filter(isRunning).map(({ pid }) => pid);
    return familyOf([this.pid, ...known]);
  }

  /** The next line of the log that is looked for. */
  next(isLookedFor: (line: LogLine) => boolean): Promise<LogLine> {
    return new Promise((resolve) => {
      const listen = (line: LogLine) => {
        if (!isLookedFor(line)) return;
        this.#listeners.delete(listen);
        resolve(line);
      };
      this.#listeners.add(listen);
    });
  }

  nextReady(name: string): Promise<LogLine> {
    return this.next((line) => line.process.name === name && line.message === "ready");
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** What happens to it when its terminal is closed: nobody reads any more, and it is told. */
  hangUp(): void {
    this.#child.stdout!.destroy();
    this.#child.stderr!.destroy();
    this.#child.kill("SIGHUP");
  }

  #read(text: string, reject: (error: Error) => void): void {
    if (text.startsWith("{")) this.#hear(JSON.parse(text));
    else reject(new Error(text)); // what it has for people is why it cannot start
  }

  #hear(line: LogLine): void {
    this.lines.push(line);
    // Postgres and Redis are told of by the supervisor, the others speak for themselves.
    for (const pid of [line.process.pid, line.pid ?? line.process.pid]) {
      if (!this.#seen.has(pid)) this.#seen.set(pid, identifyProcess(pid));
    }
    for (const listen of this.#listeners) listen(line);
  }
}
