interface Reading {
  readonly at: number;
  /** Milliseconds of CPU that the process has used since its start. */
  readonly usedMs: number;
}

/** Long enough for a burst of parsing to be no overload, short enough to relieve a worker before its event loop is late. */
const WINDOW_MS = 10_000;

/** How much CPU this process uses, in percent of one core: the mean of the last ten seconds. */
export class CpuMeter {
  readonly #now: () => number;
  readonly #usedMs: () => number;
  /** The first is at least as old as the window, once the process is. */
  #readings: Reading[];

  constructor(now: () => number = () => performance.now(), usedMs: () => number = usedByProcess) {
    this.#now = now;
    this.#usedMs = usedMs;
    this.#readings = [{ at: now(), usedMs: usedMs() }];
  }

  read(): number {
    const latest = { at: this.#now(), usedMs: this.#usedMs() };
    this.#readings.push(latest);
    while (this.#readings[1]!.at <= latest.at - WINDOW_MS) this.#readings.shift();
    const [first] = this.#readings;
    const elapsedMs = latest.at - first!.at;
    return elapsedMs === 0 ? 0 : (100 * (latest.usedMs - first!.usedMs)) / elapsedMs;
  }
}

function usedByProcess(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
