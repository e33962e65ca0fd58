import { BeeError } from "@bee/core";
import { readWebhookSecret, rotateWebhookSecret } from "@bee/store";
import type { RequestHandler } from "express";
import { callerOf } from "../http/caller.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

/** `GET /v1/webhooks/secret`: what signs the messages to the addresses that this key's jobs name. */
export function showSecretHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const { id, readOnly } = callerOf(response);
    // Who has it can sign in the name of the fleet.
    if (readOnly)
      throw new BeeError("forbidden", "expected a key that submits jobs, got one that may only read");
    response.json(await readWebhookSecret(db, id));
  };
}

/** `POST /v1/webhooks/secret`: another one, for every try from now on. */
export function rotateSecretHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json(await rotateWebhookSecret(db, callerOf(response).id));
  };
}
