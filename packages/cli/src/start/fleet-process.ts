import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import type { Duplex } from "node:stream";
import { BeeError, type Environment } from "@bee/core";
import { LIFELINE_FD, LineHolder, type News } from "../process/lifeline.ts";
import { spawnBee } from "../process/spawn-bee.ts";

export interface FleetProcessOptions {
  /** Gets what the fleet has to tell, so that the terminal stays for progress. */
  readonly logFile: string;
  readonly told: Environment;
  readonly onStores: () => void;
  /** The fleet ended although nobody asked it to. */
  readonly onLost: (error: BeeError) => void;
}

const TAIL_LINES = 12;

/** `bee up` as a child: it stops when we do, however we end. */
export class FleetProcess {
  readonly #options: FleetProcessOptions;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stopping = false;

  constructor(options: FleetProcessOptions) {
    this.#options = options;
    const log = openLog(options.logFile);
    this.#child = spawnBee("up", "pipe", options.told, log);
    closeSync(log);
    this.#ended = once(this.#child, "exit");
  }

  /** @returns the API's address, when the fleet is ready. */
  ready(): Promise<string> {
    const { onStores, onLost } = this.#options;
    return new Promise((resolve, reject) => {
      const hear = ({ isReady, url }: News) => (isReady ? resolve(url!) : onStores());
      new LineHolder(this.#child.stdio[LIFELINE_FD] as Duplex, hear);
      void this.#ended.then(() => {
        const error = this.#lastWords();
        reject(error);
        if (!this.#stopping) onLost(error);
      });
    });
  }

  async stop(urgent: AbortSignal): Promise<void> {
    this.#stopping = true;
    this.#child.kill("SIGTERM");
    urgent.addEventListener("abort", () => this.#child.kill("SIGTERM"));
    await this.#ended;
  }

  /** Its complaint, if it ended with one; else the end of its log. */
  #lastWords(): BeeError {
    const { logFile } = this.#options;
    const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
    const last = lines.at(-1) ?? "";
    const words = last.startsWith(COMPLAINT)
      ? `${last.slice(COMPLAINT.length)} (log: ${logFile})`
      : `the fleet ended; the end of ${logFile}:\n${lines.slice(-TAIL_LINES).join("\n")}`;
    return new BeeError("cannot-start", words);
  }
}

/** How lines begin that `bee` has for people. */
const COMPLAINT = "bee: ";

/** A new log for each start; the one before is kept beside it. */
function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    renameSync(file, `${file}.old`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return openSync(file, "a", 0o600);
}
