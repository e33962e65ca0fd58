import { BeeError, expecting, isAlertEvent, JOB_EVENTS, WEBHOOK_EVENTS } from "@bee/core";
import { createWebhook, deleteWebhook, enableWebhook, listWebhooks } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { type Caller, callerOf, scopeOf } from "../http/caller.ts";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery, validate } from "../http/validate.ts";
import { UUID } from "../jobs/find-own-job.ts";
import { readUrl } from "../jobs/target.ts";
import type { Parts } from "../parts.ts";
import { findOwnWebhook, forOwner, ownerOf } from "./own.ts";

export const webhooksQuery = z.strictObject({ limit: limitParameter, cursor: cursorOf(UUID) });

/** The body of `POST /v1/webhooks`. */
export const webhookRequestSchema = z.strictObject({
  url: z.string().max(2_048),
  events: z
    .array(z.enum(WEBHOOK_EVENTS, { error: expecting(`one of ${WEBHOOK_EVENTS.join(", ")}`) }))
    .min(1)
    .max(20)
    .default([...JOB_EVENTS]),
});

/** `GET /v1/webhooks`: a caller's own, for operators all. */
export function listWebhooksHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor } = readQuery(request, webhooksQuery);
    const keyId = scopeOf(callerOf(response));
    const { page, nextCursor } = cutPage(
      await listWebhooks(db, { keyId, before: cursor, limit: limit + 1 }),
      limit,
    );
    response.json({ webhooks: page, nextCursor });
  };
}

/** `POST /v1/webhooks`: the one answer that has its secret. */
export function createWebhookHandler({ db, config }: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const caller = callerOf(response);
    const { url: text, events } = validate(webhookRequestSchema, request.body, "the body");
    requireMayHear(caller, events);
    const { href: url } = readUrl("/url", { url: text }, config);
    const { webhook, secret } = await createWebhook(db, { keyId: ownerOf(caller), url, events });
    response.status(201).json({ ...webhook, secret });
  };
}

function requireMayHear({ plan }: Caller, events: readonly (typeof WEBHOOK_EVENTS)[number][]): void {
  const alert = events.find(isAlertEvent);
  if (alert === undefined || plan === "operator") return;
  const message = `expected ${JOB_EVENTS.join(" or ")} from a key of the plan ${plan}, got ${alert}; alerts are for operators`;
  throw new BeeError("forbidden", message);
}

/** `DELETE /v1/webhooks/:id`: nothing more is sent there, and what was is forgotten. */
export function deleteWebhookHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const webhook = await findOwnWebhook(parts, request, response);
    await forOwner(parts, response, webhook, "webhook.delete", () => deleteWebhook(parts.db, webhook.id));
    response.status(204).end();
  };
}

/** `POST /v1/webhooks/:id/enable`: one that was disabled is told again what happens from now on. */
export function enableWebhookHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const webhook = await findOwnWebhook(parts, request, response);
    response.json(
      await forOwner(parts, response, webhook, "webhook.enable", () => enableWebhook(parts.db, webhook.id)),
    );
  };
}
