import { createHash } from "node:crypto";
import { BeeError, show } from "@bee/core";
import type { NewJob } from "@bee/store";

/** Printable, so that it can be quoted in errors; the length of the draft standard's examples many times over. */
const KEY = /^[\x20-\x7e]{1,255}$/;

/**
 * What tells a repeated request from another one: the header's key and a hash of the body as it was given, so that a
 * new default does not turn a repetition into another request. The order of fields does not matter.
 */
export function idempotencyOf(header: string | undefined, body: object): NewJob["idempotency"] {
  if (header === undefined) return null;
  if (!KEY.test(header)) {
    throw new BeeError(
      "invalid-request",
      `expected an Idempotency-Key of 1 to 255 printable ASCII characters, got ${show(header)}`,
    );
  }
  const canonical = JSON.stringify(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { key: header, requestHash: createHash("sha256").update(canonical).digest() };
}
