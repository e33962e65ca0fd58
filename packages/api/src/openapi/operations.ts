import { ALERT_OPERATIONS } from "../alerts/operations.ts";
import { AUDIT_OPERATIONS } from "../audit/operations.ts";
import { DOMAIN_OPERATIONS } from "../domains/operations.ts";
import { EVENT_OPERATIONS } from "../events/operations.ts";
import { FLEET_OPERATIONS } from "../fleet/operations.ts";
import { PROCESS_OPERATIONS } from "../health/operations.ts";
import { JOB_OPERATIONS } from "../jobs/operations.ts";
import { KEY_OPERATIONS } from "../keys/operations.ts";
import { METRICS_OPERATIONS } from "../metrics/operations.ts";
import { SCHEDULE_OPERATIONS } from "../schedules/operations.ts";
import { SESSION_OPERATIONS } from "../session/operations.ts";
import { WEBHOOK_OPERATIONS } from "../webhooks/operations.ts";
import type { Operation } from "./operation.ts";

/** Everything that the API answers, in the order in which it is read. A test holds it against the routes that there are. */
export const OPERATIONS: readonly Operation[] = [
  ...JOB_OPERATIONS,
  ...SCHEDULE_OPERATIONS,
  ...DOMAIN_OPERATIONS,
  ...FLEET_OPERATIONS,
  ...METRICS_OPERATIONS,
  ...ALERT_OPERATIONS,
  ...EVENT_OPERATIONS,
  ...WEBHOOK_OPERATIONS,
  ...SESSION_OPERATIONS,
  ...KEY_OPERATIONS,
  ...AUDIT_OPERATIONS,
  ...PROCESS_OPERATIONS,
];
