import { BeeError } from "@bee/core";
import { type Database, findKey } from "@bee/store";
import type { RequestHandler } from "express";
import { callerOf, rememberCaller } from "./caller.ts";
import { readCredentials, type Scheme } from "./credentials.ts";

/** What a 401 says of how to come back; a browser asks its user when it meets Basic. */
const CHALLENGES: Readonly<Record<Scheme, string>> = {
  Bearer: 'Bearer realm="Blue Banded Bee"',
  Basic: 'Basic realm="Blue Banded Bee", charset="UTF-8"',
};

/** Lets nobody pass without a valid key. The key itself is looked up by its hash and kept nowhere. */
export function requireKey(db: Database, accepted: readonly Scheme[] = ["Bearer"]): RequestHandler {
  return async (request, response, next) => {
    const credentials = readCredentials(request.get("authorization"), accepted);
    const key = credentials.type === "secret" ? await findKey(db, credentials.secret) : undefined;
    if (key === undefined) {
      const unknown =
        "expected a valid API key, got one that is unknown or revoked; ask your operator for another";
      response.set(
        "www-authenticate",
        accepted.map((scheme) => CHALLENGES[scheme]),
      );
      throw new BeeError("unauthorized", credentials.type === "none" ? credentials.problem : unknown);
    }
    rememberCaller(response, key);
    next();
  };
}

/** Behind {@link requireKey}: lets operators pass. */
export const requireOperator: RequestHandler = (_request, response, next) => {
  const { plan } = callerOf(response);
  if (plan !== "operator")
    throw new BeeError("forbidden", `expected a key of the plan operator, got ${plan}`);
  next();
};
