import type { Overload, Usage } from "./overload.ts";

/** What of a worker counts here. */
export interface LoadedWorker extends Usage {
  readonly state: string;
  readonly overload: Overload | null;
}

export interface FleetLoad {
  /** Workers that work. */
  readonly working: number;
  /** Percent of what they may use, on average. */
  readonly cpu: number;
  /** Bytes, of all workers. */
  readonly memory: number;
  /** Of the worker that has the least left, 0 to 1. */
  readonly memoryShare: number;
  /** Whether the fleet as a whole is overloaded: more than half of the workers that work are. */
  readonly overloaded: boolean;
}

/** Workers that start or stop count by their memory only: what they need of the CPU will be over in a moment. */
export function fleetLoad(workers: readonly LoadedWorker[]): FleetLoad {
  const working = workers.filter(({ state }) => state === "working");
  const cpu = working.reduce((sum, worker) => sum + (100 * worker.cpu) / worker.cpuLimit, 0);
  return {
    working: working.length,
    cpu: cpu / Math.max(1, working.length),
    memory: workers.reduce((sum, worker) => sum + worker.memory, 0),
    memoryShare: Math.max(0, ...workers.map((worker) => worker.memory / worker.memoryLimit)),
    overloaded: working.filter(({ overload }) => overload !== null).length > working.length / 2,
  };
}

/** Founding plan: "CPU < 20 % and < 10 queued → consider scaling down". */
const IDLE_CPU = 20;
const FEW_QUEUED = 10;

/** Whether operators should consider a smaller fleet. */
export function mayShrink(
  { working, cpu }: FleetLoad,
  { queued, min }: { readonly queued: number; readonly min: number },
): boolean {
  return working > min && cpu < IDLE_CPU && queued < FEW_QUEUED;
}

/** Redis refuses to store more at its limit; what workers still have under way needs some room. */
const FULL = 0.9;

export function isRedisFull({
  used,
  limit,
}: {
  readonly used: number;
  readonly limit: number | null;
}): boolean {
  return limit !== null && used > FULL * limit;
}
