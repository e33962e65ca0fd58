import { BeeError } from "@bee/core";
import { beginSession, endSession, findKey } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { callerOf } from "../http/caller.ts";
import { requireOwnOrigin } from "../http/own-origin.ts";
import { clearSessionCookie, readSessionCookie, setSessionCookie } from "../http/session-cookie.ts";
import { noQuery, readQuery, validate } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { limitSignIn } from "./limit-sign-in.ts";
import { readSessionView } from "./session-view.ts";

export const signInSchema = z.strictObject({ key: z.string().min(1).max(500) });

/** `POST /v1/session`: a browser shows a key once, and keeps a cookie in its place. */
export function signInHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    requireOwnOrigin(request);
    const { key: secret } = validate(signInSchema, request.body, "the body");
    const key = await limitSignIn(parts, request, response, async () => {
      const found = await findKey(parts.db, secret.trim());
      if (found !== undefined) return found;
      response.set("www-authenticate", 'Bearer realm="Blue Banded Bee"');
      throw new BeeError(
        "unauthorized",
        "expected a valid API key, got one that is unknown or revoked, or has expired",
      );
    });
    const session = await beginSession(parts.db, key.id);
    setSessionCookie(request, response, session.secret, session.expiresAt);
    response.status(201).json(await readSessionView(parts, key));
  };
}

/** `GET /v1/session`: who asks, with a cookie or with a key. */
export function showSessionHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    response.json(await readSessionView(parts, callerOf(response)));
  };
}

/** `DELETE /v1/session`: signs the browser out, whatever its session was still worth. */
export function signOutHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    requireOwnOrigin(request);
    const secret = readSessionCookie(request);
    if (secret !== undefined) await endSession(db, secret);
    clearSessionCookie(request, response);
    response.status(204).end();
  };
}
