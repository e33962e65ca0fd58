import { expecting } from "@bee/core";
import { type Alert, listAlerts } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { readQuery } from "../http/validate.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";

export const ALERT_STATES = ["firing", "resolved"] as const;

export const alertsQuery = z.strictObject({
  state: z.enum(ALERT_STATES, { error: expecting("firing or resolved") }).optional(),
  limit: limitParameter,
  cursor: cursorOf(UUID),
});

export interface AlertView extends Alert {
  readonly state: (typeof ALERT_STATES)[number];
}

/** `GET /v1/alerts`: what fires and what is over, the newest first. */
export function alertsHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { state, limit, cursor } = readQuery(request, alertsQuery);
    const found = await listAlerts(db, { state, before: cursor, limit: limit + 1 });
    const { page, nextCursor } = cutPage(found, limit);
    response.json({ alerts: page.map(viewOf), nextCursor });
  };
}

function viewOf(alert: Alert): AlertView {
  return { ...alert, state: alert.resolvedAt === null ? "firing" : "resolved" };
}
