import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CLOCKS_FILE, DIRECTORY_VARIABLE, LAGS_FILE, type Lag, type Shifts } from "./in-worker.ts";

/** What goes on inside the workers of a fleet that is started with these variables. */
export class Workers {
  readonly #directory = mkdtempSync(join(tmpdir(), "bee-politeness-"));
  /** Whoever stands still by our hand is no measure of how late the machine is. */
  readonly #stopped = new Set<number>();

  constructor() {
    this.setClocks({});
    writeFileSync(join(this.#directory, LAGS_FILE), "");
  }

  get variables(): Record<string, string> {
    return {
      NODE_OPTIONS: `--import=${import.meta.resolve("./in-worker.ts")}`,
      [DIRECTORY_VARIABLE]: this.#directory,
    };
  }

  setClocks(shifts: Shifts): void {
    const file = join(this.#directory, CLOCKS_FILE);
    // In one piece: a worker may be reading.
    writeFileSync(`${file}.new`, JSON.stringify(shifts));
    renameSync(`${file}.new`, file);
  }

  stop(pid: number): void {
    this.#stopped.add(pid);
    process.kill(pid, "SIGSTOP");
  }

  /** How late the event loop of a worker was at worst since a moment, in milliseconds. */
  worstLag(since: number): number {
    const lines = readFileSync(join(this.#directory, LAGS_FILE), "utf8").split("\n").filter(Boolean);
    const lags = lines.map((line): Lag => JSON.parse(line));
    return Math.max(
      0,
      ...lags.filter(({ pid, at }) => at >= since && !this.#stopped.has(pid)).map(({ ms }) => ms),
    );
  }

  forget(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
