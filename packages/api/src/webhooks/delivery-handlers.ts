import { BeeError, expecting } from "@bee/core";
import { DELIVERY_STATES, getWebhook, listDeliveries, replayDelivery } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { callerOf, scopeOf } from "../http/caller.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";
import { findOwnDelivery, forOwner } from "./own.ts";

const idOf = (what: string) =>
  z
    .string()
    .regex(UUID, { error: expecting(`the id of a ${what}`) })
    .optional();

export const deliveriesQuery = z.strictObject({
  webhook: idOf("webhook"),
  job: idOf("job"),
  state: z.enum(DELIVERY_STATES, { error: expecting(`one of ${DELIVERY_STATES.join(", ")}`) }).optional(),
  limit: limitParameter,
  cursor: cursorOf(UUID),
});

/** `GET /v1/webhooks/deliveries`: what was told and is to be told, the newest first. */
export function listDeliveriesHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor, ...filter } = readQuery(request, deliveriesQuery);
    const keyId = scopeOf(callerOf(response));
    const { page, nextCursor } = cutPage(
      await listDeliveries(db, { ...filter, keyId, before: cursor, limit: limit + 1 }),
      limit,
    );
    response.json({ deliveries: page, nextCursor });
  };
}

/** `POST /v1/webhooks/deliveries/:id/replay`: sends it again, under the same id. */
export function replayHandler(parts: Parts): RequestHandler {
  const { db } = parts;
  return async (request, response) => {
    readQuery(request, noQuery);
    const delivery = await findOwnDelivery(parts, request, response);
    const { id, webhookId } = delivery;
    if (webhookId !== null && (await getWebhook(db, webhookId))?.disabledAt != null) {
      throw new BeeError(
        "conflict",
        `expected a webhook that is enabled, got one that is not; POST /v1/webhooks/${webhookId}/enable first`,
      );
    }
    response.json(await forOwner(parts, response, delivery, "webhook.replay", () => replayDelivery(db, id)));
  };
}
