import { BeeError } from "@bee/core";
import { type Database, findKey, findSession } from "@bee/store";
import type { Request, RequestHandler } from "express";
import { type Caller, callerOf, rememberCaller } from "./caller.ts";
import { readCredentials, type Scheme } from "./credentials.ts";
import { isSafe, requireOwnOrigin } from "./own-origin.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** What a 401 says of how to come back; a browser asks its user when it meets Basic. */
const CHALLENGES: Readonly<Record<Scheme, string>> = {
  Bearer: 'Bearer realm="Blue Banded Bee"',
  Basic: 'Basic realm="Blue Banded Bee", charset="UTF-8"',
};

/** A header, which a program sends on purpose, goes before a cookie, which a browser sends of itself. */
type Shown =
  | { readonly by: Scheme; readonly caller: Caller | undefined }
  | { readonly by: "cookie"; readonly caller: Caller | undefined }
  | { readonly by: "nothing"; readonly problem: string };

/**
 * Lets nobody pass without a valid key or the session of one, and those that only read only where nothing is changed.
 * Secrets are looked up by their hash and kept nowhere.
 */
export function requireKey(db: Database, accepted: readonly Scheme[] = ["Bearer"]): RequestHandler {
  return async (request, response, next) => {
    const shown = await readShown(db, request, accepted);
    if (shown.by === "nothing" || shown.caller === undefined) {
      const challenges = accepted.map((scheme) => CHALLENGES[scheme]);
      response.set("www-authenticate", challenges);
      throw new BeeError("unauthorized", shown.by === "nothing" ? shown.problem : UNKNOWN[shown.by]);
    }
    // Another site's page can make a browser send what it sends of itself, but not a Bearer.
    if (shown.by !== "Bearer") requireOwnOrigin(request);
    rememberCaller(response, shown.caller);
    requireMayChange(request, shown.caller);
    next();
  };
}

const UNKNOWN_KEY =
  "expected a valid API key, got one that is unknown or revoked, or has expired; ask your operator for another";
const UNKNOWN = {
  Bearer: UNKNOWN_KEY,
  Basic: UNKNOWN_KEY,
  cookie: "expected a session, got one that has ended; sign in again",
};

async function readShown(db: Database, request: Request, accepted: readonly Scheme[]): Promise<Shown> {
  const header = request.get("authorization");
  const session = readSessionCookie(request);
  if (header === undefined && session !== undefined)
    return { by: "cookie", caller: await findSession(db, session) };
  const credentials = readCredentials(header, accepted);
  if (credentials.type === "none") return { by: "nothing", problem: credentials.problem };
  return { by: credentials.scheme, caller: await findKey(db, credentials.secret) };
}

function requireMayChange(request: Request, { readOnly }: Caller): void {
  if (!readOnly || isSafe(request.method)) return;
  throw new BeeError("forbidden", `expected a key that may change things, got one that may only read`);
}

/** Behind {@link requireKey}: lets operators pass. */
export const requireOperator: RequestHandler = (_request, response, next) => {
  const { plan } = callerOf(response);
  if (plan !== "operator")
    throw new BeeError("forbidden", `expected a key of the plan operator, got ${plan}`);
  next();
};
