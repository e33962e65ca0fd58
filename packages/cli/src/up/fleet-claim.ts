import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BeeError } from "@bee/core";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";

/** What `$BEE_DATA_DIR/fleet.json` says of the fleet that runs there, for commands in other terminals. */
export interface FleetRecord {
  readonly supervisor: ProcessIdentity;
  readonly url?: string;
  /** With its password: the file is for its owner only. */
  readonly databaseUrl?: string;
}

/** The fleet that runs in a data directory at this moment. */
export function findFleet(dataDir: string): FleetRecord | undefined {
  const record = readRecord(fileIn(dataDir));
  return record !== undefined && isRunning(record.supervisor) ? record : undefined;
}

/** The right of one supervisor to a data directory: a file that says who holds it. */
export class FleetClaim {
  /** Whether a supervisor died here: what it started may still be about to stop. */
  readonly tookOver: boolean;
  readonly #file: string;
  readonly #supervisor = identifyProcess(process.pid);

  /** @throws BeeError `cannot-start` when another supervisor that lives holds the directory. */
  constructor(dataDir: string) {
    this.#file = fileIn(dataDir);
    const own = this.#writeAside({ supervisor: this.#supervisor });
    try {
      this.tookOver = !linked(own, this.#file);
      if (this.tookOver) takeOver(own, this.#file, dataDir);
    } finally {
      rmSync(own, { force: true });
    }
  }

  publish(facts: Omit<FleetRecord, "supervisor">): void {
    renameSync(this.#writeAside({ supervisor: this.#supervisor, ...facts }), this.#file);
  }

  release(): void {
    rmSync(this.#file, { force: true });
  }

  /** Written aside and moved into place, so that nobody ever reads half a record. */
  #writeAside(record: FleetRecord): string {
    const aside = `${this.#file}.${process.pid}`;
    writeFileSync(aside, `${JSON.stringify(record)}\n`, { mode: 0o600 });
    return aside;
  }
}

function takeOver(own: string, file: string, dataDir: string): void {
  const holder = readRecord(file);
  if (holder !== undefined && isRunning(holder.supervisor)) throw inUse(holder, dataDir);
  rmSync(file, { force: true });
  // Somebody who took over in the same moment has linked theirs by now, and lives.
  if (!linked(own, file)) throw inUse(readRecord(file), dataDir);
}

function inUse(holder: FleetRecord | undefined, dataDir: string): BeeError {
  const which = holder === undefined ? "another fleet" : `process ${holder.supervisor.pid}`;
  const where = holder?.url === undefined ? "" : ` (${holder.url})`;
  return new BeeError(
    "cannot-start",
    `expected ${dataDir} to be free, got a fleet that runs in it: ${which}${where}; stop that one, or set BEE_DATA_DIR to another directory`,
  );
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function readRecord(file: string): FleetRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined; // none, or one that a full disk cut short
  }
}

function fileIn(dataDir: string): string {
  return join(dataDir, "fleet.json");
}
