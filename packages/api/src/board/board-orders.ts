import { BeeError, messageOf } from "@bee/core";
import { beginAudit, endAudit } from "@bee/store";
import type { RequestHandler } from "express";
import { callerOf } from "../http/caller.ts";
import { isSafe } from "../http/own-origin.ts";
import { requestIdOf } from "../http/request-id.ts";
import type { Parts } from "../parts.ts";

/**
 * What operators may do in the board: what Postgres makes good or does not mind. A task of the board's own making, or
 * one whose data it changed, would be work that no job knows of.
 */
const ORDERS = /^\/api\/queues\/(?:[\w-]+\/){0,2}(?:pause|resume|promote|empty|retry|clean)(?:\/[\w-]+)?$/;

/** Keeps orders given in the board in the audit log, and refuses those that would go past Postgres. */
export function watchBoard({ db, log }: Pick<Parts, "db" | "log">): RequestHandler {
  return async (request, response, next) => {
    if (isSafe(request.method)) return next();
    if (request.method !== "PUT" || !ORDERS.test(request.path)) {
      throw new BeeError(
        "forbidden",
        "expected an order that pauses, resumes, promotes, retries, cleans or empties, got another: tasks are made and changed by jobs only",
      );
    }
    const { id: keyId, name: actor } = callerOf(response);
    const target = request.path.replace("/api/queues/", "");
    const about = { keyId, actor, action: "board", target, detail: {}, request: requestIdOf(response) };
    const entry = await beginAudit(db, about);
    // The board answers by itself; how it ended is known when it has.
    response.once("close", () => {
      const { statusCode } = response;
      endAudit(db, entry, statusCode < 400 ? "done" : String(statusCode)).catch((error: unknown) => {
        log.warn("the end of an audited action was not written down", { target, error: messageOf(error) });
      });
    });
    next();
  };
}
