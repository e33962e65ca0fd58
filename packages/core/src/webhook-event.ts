import { ALERT_EVENTS } from "./alert.ts";

/** What the owner of a job can be told of it. */
export const JOB_EVENTS = ["job.completed", "job.failed"] as const;
export type JobEvent = (typeof JOB_EVENTS)[number];

/** What webhooks can be registered for; alerts are for operators. */
export const WEBHOOK_EVENTS = [...JOB_EVENTS, ...ALERT_EVENTS.map((event) => `alert.${event}` as const)];
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

export function isAlertEvent(event: WebhookEvent): boolean {
  return event.startsWith("alert.");
}

/** Changes with what would break a receiver; that fields are added does not. */
export const WEBHOOK_VERSION = 1;

/** The body of every message, as it is signed. */
export function webhookBody(type: WebhookEvent, timestamp: Date | string, data: unknown): string {
  return JSON.stringify({ type, version: WEBHOOK_VERSION, timestamp, data });
}
