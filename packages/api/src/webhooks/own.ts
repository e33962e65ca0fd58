import { BeeError, show } from "@bee/core";
import { getDelivery, getWebhook, type Webhook, type WebhookDelivery } from "@bee/store";
import type { Request, Response } from "express";
import { audited } from "../audit/audited.ts";
import { type Caller, callerOf, scopeOf } from "../http/caller.ts";
import { UUID } from "../jobs/find-own-job.ts";
import type { Parts } from "../parts.ts";

/** Whose webhooks and secret a caller's are: of a key that only reads its owner's. */
export function ownerOf({ ownerId, id }: Caller): string {
  return ownerId ?? id;
}

/** The webhook that a path names. @throws BeeError `not-found` also where it belongs to another key. */
export async function findOwnWebhook({ db }: Parts, request: Request, response: Response): Promise<Webhook> {
  const id = readId(request);
  const found = UUID.test(id) ? await getWebhook(db, id, scopeOf(callerOf(response))) : undefined;
  if (found !== undefined) return found;
  throw new BeeError(
    "not-found",
    `expected the id of a webhook, got ${show(id)}; GET /v1/webhooks lists them`,
  );
}

/** The delivery that a path names. @throws BeeError `not-found` also where it belongs to another key. */
export async function findOwnDelivery(
  { db }: Parts,
  request: Request,
  response: Response,
): Promise<WebhookDelivery> {
  const id = readId(request);
  const found = UUID.test(id) ? await getDelivery(db, id, scopeOf(callerOf(response))) : undefined;
  if (found !== undefined) return found;
  throw new BeeError(
    "not-found",
    `expected the id of a delivery, got ${show(id)}; GET /v1/webhooks/deliveries lists them`,
  );
}

/** Carries out what somebody orders of what is theirs; that an operator did it for them must be known. */
export async function forOwner<T>(
  parts: Parts,
  response: Response,
  { keyId, id }: { readonly keyId: string; readonly id: string },
  action: "webhook.delete" | "webhook.enable" | "webhook.replay",
  act: () => Promise<T>,
): Promise<T> {
  if (keyId === callerOf(response).id) return act();
  return audited(parts, response, { action, target: id }, act);
}

function readId(request: Request): string {
  return String(request.params["id"]).toLowerCase();
}
