import type { WorkerReport } from "@bee/queue";

/** What a worker says of itself that has nothing to do. */
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
    startedAt: new Date().toISOString(),
    owner: "us",
    ...more,
  };
}
