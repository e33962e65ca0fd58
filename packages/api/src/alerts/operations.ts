import { ALERT_NAMES, SEVERITIES } from "@bee/core";
import * as z from "zod";
import type { Json, Operation } from "../openapi/operation.ts";
import { moment, nextCursor, uuid } from "../openapi/scalars.ts";
import { ALERT_STATES, type AlertView, alertsQuery } from "./alerts-handler.ts";

const alertSchema: z.ZodType<Json<AlertView>> = z
  .object({
    id: uuid,
    name: z.enum(ALERT_NAMES),
    state: z.enum(ALERT_STATES),
    subject: z.string().describe("Which region, fleet or channel; empty where there is only one."),
    severity: z.enum(SEVERITIES),
    reading: z.number().describe("As it was last told."),
    threshold: z.number(),
    detail: z.string(),
    firedAt: moment,
    resolvedAt: moment.nullable(),
  })
  .meta({ id: "Alert" });

export const ALERT_OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "GET", path: "/v1/alerts", group: "Alerts", access: "operator" },
    summary: "List the alerts that fire and those that are over, the newest first",
    query: alertsQuery,
    answers: { 200: z.object({ alerts: z.array(alertSchema), nextCursor }) },
  },
];
