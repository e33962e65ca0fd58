import type { ErrorCode } from "@bee/core";
import type * as z from "zod";

/**
 * What an answer holds: JSON of a schema, a text of one of some media types, or nothing.
 * Schemas describe what is sent: a moment is a text there, not a `Date`.
 */
export type Answer = z.ZodType | readonly string[] | null | readonly [z.ZodType, ...string[]];

/**
 * What callers are told of one method of one path. It stands beside its handler, in the `operations.ts` of its
 * directory, and `openapi/operations.ts` gathers them all.
 */
export interface Operation {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** As Express has it: `/v1/jobs/:id`. */
  readonly path: string;
  /** The heading under which it is found. */
  readonly group: string;
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description?: string;
  readonly access: "anybody" | "key" | "operator";
  readonly query?: z.ZodObject;
  /** Request headers beyond the usual, by name, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: z.ZodType;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Errors besides those that every such operation may answer. */
  readonly problems?: readonly ErrorCode[];
}

/** A value as JSON brings it: moments are texts. What schemas of answers must fit, so that they change with their views. */
export type Json<T> = T extends Date ? string : T extends object ? { [K in keyof T]: Json<T[K]> } : T;
