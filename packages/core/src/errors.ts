/**
 * Every error that a caller can meet: its code, its HTTP status and its title. The detail of an instance says
 * what was expected, what was got, and what to do.
 */
export const ERRORS = Object.freeze({
  "invalid-request": { status: 422, title: "The request does not have the expected shape" },
  "invalid-json": { status: 400, title: "The body is not valid JSON" },
  "invalid-url": { status: 422, title: "The URL cannot be crawled" },
  "address-not-allowed": { status: 422, title: "The address is private and not allowed" },
  "unsupported-media-type": { status: 415, title: "The body must be application/json" },
  "body-too-large": { status: 413, title: "The body is too large" },
  unauthorized: { status: 401, title: "A valid API key is needed" },
  forbidden: { status: 403, title: "This key may not do that" },
  "not-found": { status: 404, title: "Nothing is here" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  conflict: { status: 409, title: "The state does not allow that" },
  "idempotency-mismatch": { status: 422, title: "The idempotency key was used for another request" },
  overloaded: { status: 429, title: "The fleet has more to do than it can" },
  "quota-exceeded": { status: 429, title: "The pages of the day are used up" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  unavailable: { status: 503, title: "A store is not reachable" },
  "not-working": { status: 503, title: "The fleet does not do its work" },
  internal: { status: 500, title: "Something went wrong on our side" },
  "invalid-config": { status: 500, title: "The configuration is not valid" },
  "unsafe-redis": { status: 500, title: "This Redis would lose jobs" },
  "cannot-start": { status: 500, title: "The process cannot start" },
} as const);

export type ErrorCode = keyof typeof ERRORS;

/** One invalid part of a request: where (a JSON pointer) and what. */
export interface ErrorPart {
  readonly pointer: string;
  readonly detail: string;
}

/** An error with a code of the table; whoever meets it can show it to a person as it is. */
export class BeeError extends Error {
  override readonly name = "BeeError";
  readonly code: ErrorCode;
  readonly parts: readonly ErrorPart[];

  constructor(
    code: ErrorCode,
    detail: string,
    options: { parts?: readonly ErrorPart[]; cause?: unknown } = {},
  ) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.parts = options.parts ?? [];
  }

  get status(): number {
    return ERRORS[this.code].status;
  }
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(messageOf).join("; ");
  return error instanceof Error ? error.message || error.name : String(error);
}
