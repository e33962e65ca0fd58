import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";

/** What a caller may choose as a request's id: it goes into headers, problems and logs. */
const SANE_ID = /^[\w.-]{1,128}$/;

/** Names every request: by the caller's own `X-Request-Id` when it is a sane one, so that traces join up. */
export const tagRequest: RequestHandler = (request, response, next) => {
  const given = request.get("x-request-id") ?? "";
  const id = SANE_ID.test(given) ? given : randomUUID();
  response.locals["requestId"] = id;
  response.set("x-request-id", id);
  next();
};

export function requestIdOf(response: Response): string {
  return response.locals["requestId"] as string;
}
