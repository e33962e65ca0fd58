import { BeeError, type ErrorCode, isStoreAway, messageOf } from "@bee/core";

/** What Express' body parser throws; which of the facts it brings depends on its `type`. */
interface BodyError extends Error {
  readonly limit?: number;
  /** What Content-Length says. */
  readonly length?: number;
  readonly received?: number;
  readonly charset?: string;
  readonly encoding?: string;
}

/** The errors of the body parser by their `type`: the code they have with us, and what was expected and got. */
const BODY_ERRORS: Readonly<
  Record<string, readonly [code: ErrorCode, detailOf: (error: BodyError) => string]>
> = {
  "entity.parse.failed": [
    "invalid-json",
    ({ message }) => `expected valid JSON, got text that does not parse: ${message}`,
  ],
  "entity.empty": ["invalid-json", () => "expected a JSON object, got an empty body"],
  "request.size.invalid": [
    "invalid-json",
    ({ length, received }) => `expected ${length} bytes as Content-Length says, got ${received}`,
  ],
  "entity.too.large": [
    "body-too-large",
    ({ limit, length, received }) => `expected at most ${limit} bytes, got ${length ?? received ?? "more"}`,
  ],
  "charset.unsupported": [
    "unsupported-media-type",
    ({ charset }) => `expected a body in UTF-8, got charset ${charset}`,
  ],
  "encoding.unsupported": [
    "unsupported-media-type",
    ({ encoding }) => `expected a body without Content-Encoding, got ${encoding}`,
  ],
};

/** Whatever a handler threw, as an error of the table. */
export function asBeeError(error: unknown): BeeError {
  if (error instanceof BeeError) return error;
  const options = { cause: error };
  if (isStoreAway(error)) {
    const detail = "expected Postgres and Redis to answer, and one of them did not; try again in a moment";
    return new BeeError("unavailable", detail, options);
  }
  const { type, name, status } = Object(error) as Partial<Record<string, unknown>>;
  if (typeof type === "string" && Object.hasOwn(BODY_ERRORS, type)) {
    const [code, detailOf] = BODY_ERRORS[type]!;
    return new BeeError(code, detailOf(error as BodyError), options);
  }
  // The router refuses paths whose percent-encoding does not decode; nothing has such a name.
  if (status === 400 && name === "URIError") {
    return new BeeError("not-found", "expected a path that decodes, got a broken percent-encoding", options);
  }
  return new BeeError("internal", messageOf(error), options);
}
