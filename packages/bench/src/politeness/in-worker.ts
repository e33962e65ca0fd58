/**
 * Loaded before everything else in every process of a fleet. In its workers it sets the clock as a file says, at once and
 * while they run, as an operator or a time server would; and it writes down how late their event loops are.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Names the directory for both. */
export const DIRECTORY_VARIABLE = "BEE_BENCH_DIRECTORY";
export const CLOCKS_FILE = "clocks.json";
export const LAGS_FILE = "lags.jsonl";

/** Milliseconds by process id. */
export type Shifts = Readonly<Record<string, number>>;

export interface Lag {
  readonly pid: number;
  /** By the machine's monotonic clock, in milliseconds. */
  readonly at: number;
  readonly ms: number;
}

const LOOK_EVERY_MS = 100;
const RESOLUTION_MS = 5;
const NOTABLE_MS = 5;
const directory = process.env[DIRECTORY_VARIABLE];

if (directory !== undefined && process.argv.includes("worker")) {
  const clocks = join(directory, CLOCKS_FILE);
  const lags = join(directory, LAGS_FILE);
  let shiftMs = 0;
  const RealDate = Date;
  const now = () => RealDate.now() + shiftMs;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, key) => (key === "now" ? now : Reflect.get(target, key)),
  });
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  setInterval(() => {
    const shifts: Shifts = JSON.parse(readFileSync(clocks, "utf8"));
    shiftMs = shifts[process.pid] ?? 0;
    const ms = delays.max / 1e6 - RESOLUTION_MS;
    delays.reset();
    if (ms < NOTABLE_MS) return;
    const lag: Lag = { pid: process.pid, at: Number(process.hrtime.bigint()) / 1e6, ms };
    appendFileSync(lags, `${JSON.stringify(lag)}\n`);
  }, LOOK_EVERY_MS).unref();
}
