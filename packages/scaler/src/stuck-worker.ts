import type { Runnable, WorkerReport } from "@bee/queue";

/** A worker that lives as a process, and what it shows of itself. */
export interface Signs {
  /** Its last heartbeat; undefined when that is too old. */
  readonly report: WorkerReport | undefined;
  /** How long there has been none. */
  readonly silentMs: number;
  readonly runnable: Runnable;
}

/** So long a worker may do nothing that shows that it works. Its visits have deadlines of a third of this. */
const STUCK_MS = 60_000;

/**
 * Why a worker is to be replaced, or null. It is stuck when it has said nothing for a minute, when it has not got to
 * work within one, or when tasks that it could have taken have waited for a minute in which it took none. One without
 * work, or that waits for Postgres, proves itself by its heartbeat.
 */
export function whyStuck({ report, silentMs, runnable }: Signs): string | null {
  if (report === undefined) return silentMs < STUCK_MS ? null : `no heartbeat for ${seconds(silentMs)}`;
  const { state, sinceTakenMs, startedAt, lagMs, redisMs } = report;
  const aliveMs = Date.now() - Date.parse(startedAt);
  if (state === "starting") return aliveMs < STUCK_MS ? null : `still starting after ${seconds(aliveMs)}`;
  if (state !== "working" || runnable.oldestMs < STUCK_MS) return null;
  const idleMs = sinceTakenMs ?? aliveMs;
  if (idleMs < STUCK_MS) return null;
  return `took no task for ${seconds(idleMs)} although some wait (event loop ${lagMs} ms late, Redis ${redisMs} ms)`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
