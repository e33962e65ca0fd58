/** What operators are told of, the names as they stand in `BEE_ALERTS` and in `GET /v1/alerts`. */
export const ALERT_NAMES = [
  "queue_depth_high",
  "response_time_high",
  "error_rate_high",
  "worker_crash_loop",
  "worker_stuck",
  "no_progress",
  "redis_memory_high",
  "region_down",
  "webhook_failing",
] as const;
export type AlertName = (typeof ALERT_NAMES)[number];

export const SEVERITIES = ["warning", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** When an alert fires and when it is over. */
export interface AlertRule {
  readonly severity: Severity;
  /** It fires when its reading has been above this for `forMs` without a break, … */
  readonly above: number;
  /** … and is over when its reading has been back to this or less for as long. */
  readonly backTo: number;
  readonly forMs: number;
}

const MINUTE_MS = 60_000;

/**
 * The rules without configuration. The founding plan gives `queue_depth_high` and `response_time_high` their severity
 * and leaves the numbers to us.
 *
 * | alert | what is read |
 * |---|---|
 * | queue_depth_high | tasks that a worker could carry out now and none has taken |
 * | response_time_high | p95 of the milliseconds to the first byte |
 * | error_rate_high | share of the visits that failed |
 * | worker_crash_loop | workers in a row that ended before they worked |
 * | worker_stuck | workers replaced in the last five minutes because they did not work |
 * | no_progress | seconds for which work that could be done has waited and none was done |
 * | redis_memory_high | share of the memory that Redis may take |
 * | region_down | jobs of a region without a living worker, and at least 1 of one whose workers did not leave in order |
 * | webhook_failing | tries in a row that a channel did not take |
 */
export const DEFAULT_ALERT_RULES: Readonly<Record<AlertName, AlertRule>> = Object.freeze({
  queue_depth_high: { severity: "warning", above: 5_000, backTo: 2_500, forMs: MINUTE_MS },
  response_time_high: { severity: "critical", above: 5_000, backTo: 3_000, forMs: 2 * MINUTE_MS },
  error_rate_high: { severity: "warning", above: 0.25, backTo: 0.1, forMs: 2 * MINUTE_MS },
  worker_crash_loop: { severity: "critical", above: 2, backTo: 0, forMs: 0 },
  worker_stuck: { severity: "warning", above: 0, backTo: 0, forMs: 0 },
  no_progress: { severity: "critical", above: 120, backTo: 0, forMs: 0 },
  redis_memory_high: { severity: "critical", above: 0.8, backTo: 0.7, forMs: MINUTE_MS / 2 },
  // Longer than a fleet takes to start.
  region_down: { severity: "critical", above: 0, backTo: 0, forMs: MINUTE_MS / 3 },
  webhook_failing: { severity: "warning", above: 2, backTo: 0, forMs: 0 },
});

/** What is told of an alert: that it fires, that it still does, that it is over. */
export const ALERT_EVENTS = ["firing", "reminder", "resolved"] as const;
export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** One value that an alert is judged by. */
export interface AlertReading {
  /** Which region, which channel; empty where there is only one. */
  readonly subject: string;
  readonly value: number;
  /** What the value says, in a sentence for people. */
  readonly detail: string;
}

/** What a channel is told. Times in ISO 8601. */
export interface AlertNotice {
  readonly type: `alert.${AlertEvent}`;
  /** When it happened, not when it was delivered. */
  readonly timestamp: string;
  readonly data: {
    readonly id: string;
    readonly name: AlertName;
    readonly subject: string;
    readonly severity: Severity;
    readonly reading: number;
    readonly threshold: number;
    readonly detail: string;
    readonly firedAt: string;
    readonly resolvedAt: string | null;
  };
}
