import type { ConnectionsView, JobView, Report } from "@bee/api";
import type { Tier } from "@bee/core";
import type { QueueCounts, WorkerReport } from "@bee/queue";
import type { Decision } from "@bee/store";

/** A value as JSON brings it: dates are texts. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export type WireJob = Wire<JobView>;
export type WireReport = Wire<Report>;

export interface WireFleet {
  readonly workers: readonly WorkerReport[];
  readonly queues: Readonly<Record<Tier, QueueCounts>>;
  readonly desired: number;
  readonly current: number;
  readonly decisions: readonly Wire<Decision>[];
  readonly connections: ConnectionsView;
}
