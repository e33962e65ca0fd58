import { BeeError } from "@bee/core";
import express, { type NextFunction, type Request, type RequestHandler, type Response } from "express";

/** Two lists of a hundred patterns of 500 characters fit in. */
const MAX_BODY = "256kb";

/** Reads a JSON body into `request.body`; behind the key check, so that strangers' bodies are not read. */
export const jsonBody: readonly RequestHandler[] = [
  requireJson,
  // What we take is small; what an inflated body becomes, nobody knows. A bare text is JSON, but not the right JSON.
  express.json({ limit: MAX_BODY, inflate: false, strict: false, verify: requireContent }),
  requireBody,
];

function requireJson(request: Request, _response: Response, next: NextFunction): void {
  // `is` says null where there is no body: what there is not has no type.
  if (request.is("application/json") === false) {
    const type = request.get("content-type") ?? "none";
    throw new BeeError("unsupported-media-type", `expected Content-Type: application/json, got ${type}`);
  }
  next();
}

/** The parser takes an empty body for {}, but it is more likely a caller's bug. */
function requireContent(_request: unknown, _response: unknown, body: Buffer): void {
  if (body.length === 0) throw Object.assign(new Error("an empty body"), { type: "entity.empty" });
}

function requireBody(request: Request, _response: Response, next: NextFunction): void {
  if (request.body === undefined) throw new BeeError("invalid-json", "expected a JSON object, got no body");
  next();
}
