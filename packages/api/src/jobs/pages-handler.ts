import { CACHE_RESULTS, expecting, OUTCOMES } from "@bee/core";
import { listPages } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { findOwnJob } from "./find-own-job.ts";
import { toPageView } from "./page-view.ts";

/** The ids of pages count up, and stay below what a bigint holds. */
const PAGE_ID = /^\d{1,18}$/;

export const pagesQuery = z.strictObject({
  outcome: z.enum(OUTCOMES).optional(),
  cache: z.enum(CACHE_RESULTS).optional(),
  status: z
    .string()
    .regex(/^[1-5]\d\d$/, { error: expecting("an HTTP status from 100 to 599") })
    .transform(Number)
    .optional(),
  q: z
    .string()
    .regex(/^[^\0]{1,500}$/, { error: expecting("1 to 500 characters of a URL") })
    .optional(),
  limit: limitParameter,
  cursor: cursorOf(PAGE_ID),
});

/** `GET /v1/jobs/:id/pages` */
export function pagesHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor, ...filter } = readQuery(request, pagesQuery);
    const job = await findOwnJob(parts, request, response);
    const pages = await listPages(parts.db, job.id, { ...filter, after: cursor, limit: limit + 1 });
    const { page, nextCursor } = cutPage(pages, limit);
    response.json({ pages: page.map(toPageView), nextCursor });
  };
}
