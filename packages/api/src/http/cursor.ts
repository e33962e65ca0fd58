import { expecting } from "@bee/core";
import * as z from "zod";

/** Where a list goes on: opaque to callers, the id of the last entry inside. */
export function encodeCursor(id: string): string {
  return Buffer.from(id, "utf8").toString("base64url");
}

/** A cursor in a query string, read back into the id; one that we did not make is an error, not an empty list. */
export function cursorOf(id: RegExp) {
  return z
    .string()
    .transform((text, context) => {
      const decoded = Buffer.from(text, "base64url").toString("utf8");
      if (id.test(decoded) && encodeCursor(decoded) === text) return decoded;
      context.addIssue(expecting("a nextCursor of this list")({ input: text }));
      return z.NEVER;
    })
    .optional()
    .describe("The `nextCursor` of the entries before.");
}

export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

const limit = { error: expecting(`a whole number from 1 to ${MAX_LIMIT}`) };

/** How many entries a caller wants at once. */
export const limitParameter = z
  .string(limit)
  .refine((text) => /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= MAX_LIMIT, limit)
  .transform(Number)
  .default(DEFAULT_LIMIT)
  .meta({
    type: "integer",
    minimum: 1,
    maximum: MAX_LIMIT,
    description: `At most so many entries, ${DEFAULT_LIMIT} by default.`,
  });

/** One page of a list, from a read of one entry more than was asked for. */
export function cutPage<T extends { readonly id: string }>(entries: readonly T[], limit: number) {
  const page = entries.slice(0, limit);
  return { page, nextCursor: entries.length > limit ? encodeCursor(page.at(-1)!.id) : null };
}
