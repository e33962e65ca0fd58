import { BeeError, faultsOf, inOurWords, shorten } from "@bee/core";
import type { Request } from "express";
import * as z from "zod";

/** A body may be wrong in ten thousand places; the answer need not be as long. */
const MAX_PARTS = 20;

/** A value in the shape that a schema asks for. @throws BeeError `invalid-request` that lists every part that is wrong. */
export function validate<T extends z.ZodType>(schema: T, value: unknown, what: string): z.infer<T> {
  const parsed = schema.safeParse(value, { error: inOurWords });
  if (parsed.success) return parsed.data;
  const parts = faultsOf(parsed.error).map(({ path, detail }) => ({ pointer: pointerTo(path), detail }));
  const { pointer, detail } = parts[0]!;
  const more = parts.length > 1 ? ` (and ${parts.length - 1} more, see errors)` : "";
  throw new BeeError("invalid-request", `${what}: ${shorten(pointer) || "as a whole"}: ${detail}${more}`, {
    parts: parts.slice(0, MAX_PARTS),
  });
}

/** The parameters of a request's query string; one that nobody asked for is an error, for it may be a typo. */
export function readQuery<T extends z.ZodType>(request: Request, schema: T): z.infer<T> {
  return validate(schema, request.query, "the query string");
}

export const noQuery = z.strictObject({});

/** RFC 6901. */
function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((name) => `/${String(name).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
