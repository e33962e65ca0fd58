import type { CanaryView, ConnectionsView, FleetView, JobView, Report, ScheduleView } from "@bee/api";
import type { Tier } from "@bee/core";
import type { QueueCounts, WorkerReport } from "@bee/queue";
import type { Decision } from "@bee/store";

/** A value as JSON brings it: dates are texts. */
export type Wire<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Wire<T[K]> } : T;

export type WireJob = Wire<JobView>;
export type WireReport = Wire<Report>;

export type WireSchedule = Wire<ScheduleView>;

export interface WireSchedules {
  readonly schedules: readonly WireSchedule[];
}

export interface WireFleet {
  readonly workers: readonly WorkerReport[];
  readonly queues: Readonly<Record<Tier, QueueCounts>>;
  readonly desired: number;
  readonly current: number;
  readonly fleets: readonly FleetView[];
  readonly decisions: readonly Wire<Decision>[];
  readonly connections: ConnectionsView;
  readonly canary: CanaryView | null;
}

export interface WireJobs {
  readonly jobs: readonly WireJob[];
}

/** Some fields of an answer that no other server's answer would have all. */
export type Fields<T> = readonly (keyof T & string)[];

export const JOB_FIELDS: Fields<WireJob> = ["id", "status", "counts", "waiting"];
export const JOBS_FIELDS: Fields<WireJobs> = ["jobs"];
export const SCHEDULE_FIELDS: Fields<WireSchedule> = ["id", "job", "nextRuns"];
export const SCHEDULES_FIELDS: Fields<WireSchedules> = ["schedules"];
export const FLEET_FIELDS: Fields<WireFleet> = ["workers", "queues", "decisions"];
export const REPORT_FIELDS: Fields<WireReport> = ["job", "headline", "summary"];
