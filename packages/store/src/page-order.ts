import { type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { Page } from "./pages.ts";
import type { Schema } from "./schema.ts";

export const PAGE_ORDERS = ["found", "url", "outcome", "status", "ttfb", "bytes", "finished"] as const;

/** By what pages are listed. What has no value stands last, whichever way round. */
export interface PageOrder {
  readonly by: (typeof PAGE_ORDERS)[number];
  readonly descending: boolean;
}

export const FOUND: PageOrder = { by: "found", descending: false };

/** Where a page stands in an order: its value there, and its id among those of the same value. */
export interface PagePlace {
  readonly value: string | null;
  readonly id: string;
}

/** What each order looks at, how Postgres compares it, and what a page has there. */
const KEYS = {
  url: { column: sql`url collate "C"`, type: sql`text collate "C"`, of: ({ url }) => url },
  outcome: { column: sql`outcome`, type: sql`outcome`, of: ({ outcome }) => outcome },
  status: { column: sql`status`, type: sql`smallint`, of: ({ status }) => textOf(status) },
  ttfb: { column: sql`ttfb_ms`, type: sql`integer`, of: ({ ttfbMs }) => textOf(ttfbMs) },
  bytes: { column: sql`bytes`, type: sql`bigint`, of: ({ bytes }) => textOf(bytes) },
  // To the millisecond, as callers see it: what is finer would not survive the way there and back.
  finished: {
    column: sql`date_trunc('milliseconds', finished_at)`,
    type: sql`timestamptz`,
    of: ({ finishedAt }) => finishedAt?.toISOString() ?? null,
  },
} satisfies Record<
  Exclude<PageOrder["by"], "found">,
  { column: RawBuilder<unknown>; type: RawBuilder<unknown>; of: (page: Page) => string | null }
>;

export function placeOf(page: Page, { by }: PageOrder): PagePlace {
  return { value: by === "found" ? null : KEYS[by].of(page), id: page.id };
}

export function inOrder<T>(query: SelectQueryBuilder<Schema, "pages", T>, { by, descending }: PageOrder) {
  const direction = descending ? sql`desc` : sql`asc`;
  if (by === "found") return query.orderBy(sql`id ${direction}`);
  return query.orderBy(sql`${KEYS[by].column} ${direction} nulls last, id ${direction}`);
}

/** Whether a page stands behind a place. */
export function isBehind({ value, id }: PagePlace, { by, descending }: PageOrder): RawBuilder<boolean> {
  const behind = descending ? sql`<` : sql`>`;
  if (by === "found") return sql<boolean>`id ${behind} ${id}::bigint`;
  const { column, type } = KEYS[by];
  if (value === null) return sql<boolean>`(${column} is null and id ${behind} ${id}::bigint)`;
  return sql<boolean>`((${column}, id) ${behind} (${value}::${type}, ${id}::bigint) or ${column} is null)`;
}

function textOf(number: number | null): string | null {
  return number === null ? null : String(number);
}
