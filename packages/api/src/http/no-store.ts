import type { RequestHandler } from "express";

/** What we answer is true for this caller at this moment, and nobody's to keep. */
export const noStore: RequestHandler = (_request, response, next) => {
  response.set("cache-control", "no-store");
  next();
};
