import { BeeError, expecting, OUTCOMES } from "@bee/core";
import { PAGE_ORDERS, type PageOrder, type PagePlace } from "@bee/store";
import * as z from "zod";

const SORTS = PAGE_ORDERS.flatMap((by) => [by, `-${by}`]);

/** `ttfb`, or `-ttfb` for the other way round. */
export const sortParameter = z
  .enum(SORTS, { error: expecting(`one of ${PAGE_ORDERS.join(", ")}, perhaps with a - before it`) })
  .default("found")
  .transform((sort): PageOrder => {
    const descending = sort.startsWith("-");
    return { by: sort.slice(descending ? 1 : 0) as PageOrder["by"], descending };
  });

/** The id of a page, which counts up and stays below what a bigint holds, and what it has in the order of the list. */
export const PLACE = /^\d{1,18}(?: [^\0]{0,2100})?$/;

/** What a page may have in each order. */
const VALUES: Readonly<Record<PageOrder["by"], RegExp>> = {
  found: /^(?!)/,
  url: /^https?:/,
  outcome: new RegExp(`^(?:${OUTCOMES.join("|")})$`),
  status: /^\d{3}$/,
  ttfb: /^\d{1,9}$/,
  bytes: /^\d{1,16}$/,
  finished: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

/** @throws BeeError `invalid-request` for a cursor of the list in another order. */
export function readPlace(cursor: string, { by }: PageOrder): PagePlace {
  const space = cursor.indexOf(" ");
  if (space === -1) return { id: cursor, value: null };
  const [id, value] = [cursor.slice(0, space), cursor.slice(space + 1)];
  if (VALUES[by].test(value)) return { id, value };
  const detail = "expected a nextCursor of this list in this order, got one of another";
  throw new BeeError("invalid-request", `the query string: /cursor: ${detail}`, {
    parts: [{ pointer: "/cursor", detail }],
  });
}

export function writePlace({ id, value }: PagePlace): string {
  return value === null ? id : `${id} ${value}`;
}
