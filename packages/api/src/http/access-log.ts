import type { Log } from "@bee/core";
import type { RequestHandler } from "express";
import { findCaller } from "./caller.ts";
import { requestIdOf } from "./request-id.ts";

/** The token of a hook stands in its path, as systems that publish can call nothing else. */
const HOOK = /^(\/v1\/hooks\/).+/i;

/** One line a request, at debug. The path goes without its query, and of the key only who it belongs to. */
export function logAccess(log: Log): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const path = request.originalUrl.split("?", 1)[0]!.replace(HOOK, "$1…");
    response.once("close", () => {
      log.debug("request", {
        request: requestIdOf(response),
        method: request.method,
        path,
        status: response.statusCode,
        ms: Math.round(performance.now() - started),
        key: findCaller(response)?.id,
        complete: response.writableFinished,
      });
    });
    next();
  };
}
