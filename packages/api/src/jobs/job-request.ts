import { BeeError, canMatch, jobRequestSchema, show } from "@bee/core";
import type * as z from "zod";
import type { Caller } from "../http/caller.ts";
import { validate } from "../http/validate.ts";

/** Postgres stores neither NUL nor half of a surrogate pair. */
const isStorable = (text: string) => text.isWellFormed() && !text.includes("\0");

/** The fields of a job's request, of which all but the URL can be judged. */
export const validJobRequestSchema = jobRequestSchema.superRefine(({ include, exclude }, context) => {
  for (const [name, patterns] of Object.entries({ include, exclude })) {
    for (const [i, pattern] of patterns.entries()) {
      const message = faultOf(pattern);
      if (message !== undefined) context.addIssue({ code: "custom", path: [name, i], message });
    }
  }
});

/** Of one that is empty the schema has told already. */
function faultOf(pattern: string): string | undefined {
  if (!isStorable(pattern)) return "expected text, got a NUL character or half of a surrogate pair";
  if (pattern === "" || canMatch(pattern)) return undefined;
  return `expected a pattern that begins with / or *, as paths do, got ${show(pattern)}, which no URL matches`;
}

export type ValidJobRequest = z.infer<typeof validJobRequestSchema>;

/**
 * The body of `POST /v1/jobs`, checked as far as it can be without a look at the URL.
 * @throws BeeError `invalid-request`, or `forbidden` for what only operators may ask for.
 */
export function parseJobRequest(body: unknown, caller: Caller): ValidJobRequest {
  const request = validate(validJobRequestSchema, body, "the body");
  requireOwnPriority(request, caller);
  return request;
}

/** @throws BeeError `forbidden` for a tier that only operators may ask for. */
export function requireOwnPriority({ priority }: ValidJobRequest, { plan }: Caller): void {
  if (priority === undefined || plan === "operator") return;
  throw new BeeError(
    "forbidden",
    `expected no priority from a key of the plan ${plan}, got ${priority}; leave it out`,
  );
}
