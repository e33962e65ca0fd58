/** Fields whose name says that their value is nobody's business. */
const SECRET_NAME = /password|secret|token|authorization|cookie|api_?key|admin_?key/i;
/** The password in a URL such as `postgres://bee:…@host/`. */
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/gi;
/** An API key as we make them. */
const API_KEY = /\bbee_[\w-]{40,}/g;

const HIDDEN = "***";
/** Deeper than any field of ours; a value that refers to itself ends here. */
const MAX_DEPTH = 6;

/** A copy of a log field that is safe to write: secrets hidden, errors as plain values, nothing that JSON refuses. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toJSON();
  if (depth >= MAX_DEPTH) return "…";
  if (value instanceof Error) return redact(describeError(value), depth + 1);
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      SECRET_NAME.test(name) ? HIDDEN : redact(item, depth + 1),
    ]),
  );
}

export function redactText(text: string): string {
  return text.replace(URL_PASSWORD, `$1${HIDDEN}`).replace(API_KEY, `bee_${HIDDEN}`);
}

function describeError(error: Error): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  const { code } = error as { code?: unknown };
  const errors = error instanceof AggregateError ? error.errors : undefined;
  return { name, message, code, stack, cause, errors };
}
