import { CACHE_RESULTS, expecting, OUTCOMES } from "@bee/core";
import { listPages, placeOf, readPageFigures } from "@bee/store";
import type { RequestHandler } from "express";
import * as z from "zod";
import { cursorOf, cutPage, limitParameter } from "../http/cursor.ts";
import { noQuery, readQuery } from "../http/validate.ts";
import type { Parts } from "../parts.ts";
import { findOwnJob } from "./find-own-job.ts";
import { PLACE, readPlace, sortParameter, writePlace } from "./page-order.ts";
import { toPageView } from "./page-view.ts";

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
  sort: sortParameter,
  limit: limitParameter,
  cursor: cursorOf(PLACE),
});

/** `GET /v1/jobs/:id/pages` */
export function pagesHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    const { limit, cursor, sort: order, ...filter } = readQuery(request, pagesQuery);
    const job = await findOwnJob(parts, request, response);
    const after = cursor === undefined ? undefined : readPlace(cursor, order);
    const pages = await listPages(parts.db, job.id, { ...filter, order, after, limit: limit + 1 });
    const places = pages.map((page) => ({ id: writePlace(placeOf(page, order)), view: toPageView(page) }));
    const { page, nextCursor } = cutPage(places, limit);
    response.json({ pages: page.map(({ view }) => view), nextCursor });
  };
}

/** `GET /v1/jobs/:id/figures` */
export function figuresHandler(parts: Parts): RequestHandler {
  return async (request, response) => {
    readQuery(request, noQuery);
    const job = await findOwnJob(parts, request, response);
    response.json(await readPageFigures(parts.db, job.id));
  };
}
