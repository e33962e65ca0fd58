import { type BeeError, ERRORS, type ErrorPart } from "@bee/core";
import * as z from "zod";

/** An error as it goes over the wire (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Names this one occurrence; the log has the same id. */
  readonly instance: string;
  readonly errors?: readonly ErrorPart[];
}

export const problemSchema = z
  .object({
    type: z.string().describe("`urn:bee:problem:` and the code of the error."),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe("What was expected, what was got, what to do."),
    instance: z.string().describe("`urn:bee:request:` and the id of the request, which the log has too."),
    errors: z
      .array(
        z.object({
          pointer: z.string().describe("A JSON pointer into the body, or to a parameter."),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: "Problem" });

export const PROBLEM_TYPE = "application/problem+json";

/** Our own mistakes are not explained to callers: what broke stands in the log, under the same request id. */
const UNEXPLAINED = "something unexpected happened; the operator finds it in the log under this instance";

export function toProblem(error: BeeError, requestId: string): Problem {
  const { title } = ERRORS[error.code];
  return {
    type: `urn:bee:problem:${error.code}`,
    title,
    status: error.status,
    detail: error.status === 500 ? UNEXPLAINED : error.message,
    instance: `urn:bee:request:${requestId}`,
    ...(error.parts.length > 0 ? { errors: error.parts } : {}),
  };
}
