import type { ScalingReport, WorkerReport } from "../fleet-registry.ts";

/** What a worker says of itself that is at ease and has nothing to do. */
export function workerReport(more: Partial<WorkerReport> = {}): WorkerReport {
  return {
    id: "worker",
    pid: 1,
    host: "here",
    region: "default",
    class: "general",
    state: "working",
    slots: 200,
    busy: 0,
    usable: 200,
    lagMs: 0,
    redisMs: 1,
    sinceTakenMs: null,
    cpu: 0,
    cpuLimit: 100,
    memory: 100e6,
    memoryLimit: 1e9,
    overload: null,
    p95Ms: null,
    meanMs: null,
    taskMs: null,
    visits: {},
    startedAt: "2026-01-01T00:00:00Z",
    owner: null,
    ...more,
  };
}

/** What the scaler of a fleet says that wants no workers and has no trouble with any. */
export function scalingReport(more: Partial<ScalingReport> = {}): ScalingReport {
  return {
    desired: 0,
    runnable: { tasks: 0, oldestMs: 0 },
    troubles: { failedStarts: 0, stuck: 0 },
    ...more,
  };
}
