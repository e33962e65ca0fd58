import { listAudit } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";

/** The ids of entries count up, and stay below what a bigint holds. */
const ENTRY_ID = /^\d{1,18}$/;

export const auditQuery = z.strictObject({ limit: limitParameter, cursor: cursorOf(ENTRY_ID) });

/** `GET /v1/audit`: what operators did, the newest first. */
export function auditHandler({ db }: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor } = readQuery(request, auditQuery);
    const { page, nextCursor } = cutPage(await listAudit(db, { before: cursor, limit: limit + 1 }), limit);
    response.json({ entries: page, nextCursor });
  };
}
