/** Codes of the system, of Postgres (SQLSTATE) and of Redis that mean: not now, perhaps in a moment. */
const AWAY_CODES = new Set([
  // Ours, of a store that is silent.
  "unavailable",
  ...[
    "ECONNREFUSED",
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "ENOTFOUND",
    "EAI_AGAIN",
  ],
  // Shutting down, crashed, starting up, no connection or resource left, a statement or a transaction that took too long.
  ...["57P01", "57P02", "57P03", "53300", "53400", "53200", "53100", "57014", "25P03"],
]);

/** Class 08 of the SQLSTATEs: connection exceptions. */
const CONNECTION_CLASS = /^08/;

/** What pg and ioredis say of a lost connection without a code. */
const AWAY_MESSAGES = [
  /^Connection terminated/,
  /^Connection is closed/,
  /^timeout exceeded when trying to connect/,
  /^Client has encountered a connection error/,
  /^Stream isn't writeable/,
  /^Reached the max retries per request limit/,
  /^(?:LOADING|OOM|READONLY|MASTERDOWN|BUSY) /,
];

/** Whether an error means that Postgres or Redis is away or has no room: then the caller should try again later. */
export function isStoreAway(error: unknown): boolean {
  const { code, message, cause, errors } = Object(error) as Partial<Record<string, unknown>>;
  if (typeof code === "string" && (AWAY_CODES.has(code) || CONNECTION_CLASS.test(code))) return true;
  if (typeof message === "string" && AWAY_MESSAGES.some((pattern) => pattern.test(message))) return true;
  // A name with several addresses fails with one error for each.
  if (Array.isArray(errors)) return errors.some(isStoreAway);
  return cause !== undefined && isStoreAway(cause);
}
