import { type Overload, overloadOf, type VisitCounts, type VisitResult } from "@bee/core";
import type { Vitals } from "@bee/queue";
import { CpuMeter } from "./vitals-cpu.ts";
import type { VitalsLimits } from "./vitals-limits.ts";

export interface VisitNote {
  readonly result: VisitResult;
  /** Milliseconds for which the visit held its slot, from its task to its settled result. */
  readonly taskMs: number;
  /** Of these, how long the site took to answer; null where no request was made. */
  readonly responseMs: number | null;
}

interface Noted extends VisitNote {
  readonly at: number;
}

/** Looked at with each heartbeat, so no more are kept than a sort takes a fraction of a millisecond for. */
const MOST_NOTED = 2_000;

/** How this worker does: what it uses of the machine, and how its latest visits went. */
export class VitalSigns {
  readonly #windowMs: number;
  readonly #limits: VitalsLimits;
  readonly #cpu: CpuMeter;
  readonly #now: () => number;
  #noted: Noted[] = [];
  #overload: Overload | null = null;

  /** @param windowMs visits older than this are told no more. */
  constructor(windowMs: number, limits: VitalsLimits, now: () => number = () => performance.now()) {
    this.#windowMs = windowMs;
    this.#limits = limits;
    this.#now = now;
    this.#cpu = new CpuMeter(now);
  }

  note(visit: VisitNote): void {
    this.#noted.push({ ...visit, at: this.#now() });
    if (this.#noted.length > 2 * MOST_NOTED) this.#noted = this.#noted.slice(-MOST_NOTED);
  }

  read(): Vitals {
    const { cpuPercent: cpuLimit, memoryBytes: memoryLimit } = this.#limits;
    const usage = {
      cpu: Math.round(this.#cpu.read()),
      cpuLimit,
      memory: process.memoryUsage.rss(),
      memoryLimit,
    };
    this.#overload = overloadOf(usage, this.#overload);
    return { ...usage, overload: this.#overload, ...this.#visits() };
  }

  #visits() {
    const since = this.#now() - this.#windowMs;
    this.#noted = this.#noted.slice(-MOST_NOTED).filter(({ at }) => at > since);
    const responses = this.#noted.flatMap(({ responseMs }) => (responseMs === null ? [] : [responseMs]));
    return {
      p95Ms: roundOrNull(percentile(responses, 95)),
      meanMs: roundOrNull(mean(responses)),
      taskMs: roundOrNull(mean(this.#noted.map(({ taskMs }) => taskMs))),
      visits: countOf(this.#noted),
    };
  }
}

function countOf(noted: readonly Noted[]): VisitCounts {
  const counts: Partial<Record<VisitResult, number>> = {};
  for (const { result } of noted) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The smallest value that so many percent do not exceed. */
function percentile(values: readonly number[], percent: number): number | null {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.ceil((sorted.length * percent) / 100) - 1] ?? null;
}

function roundOrNull(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
