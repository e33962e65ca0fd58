import { BeeError, type ErrorCode, isStoreAway, messageOf } from "@bee/core";

/** What Express' body parser throws, by the `type` that it gives it: the code it has with us, and what was expected. */
const BODY_ERRORS: Readonly<Record<string, readonly [code: ErrorCode, expected: string]>> = {
  "entity.parse.failed": ["invalid-json", "expected valid JSON"],
  "entity.empty": ["invalid-json", "expected a JSON object"],
  "request.size.invalid": ["invalid-json", "expected as many bytes as Content-Length says"],
  "entity.too.large": ["body-too-large", "expected at most 256 KB"],
  "charset.unsupported": ["unsupported-media-type", "expected UTF-8"],
  "encoding.unsupported": ["unsupported-media-type", "expected a body without Content-Encoding"],
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
    const [code, expected] = BODY_ERRORS[type]!;
    return new BeeError(code, `${expected}, got: ${messageOf(error)}`, options);
  }
  // The router refuses paths whose percent-encoding does not decode; nothing has such a name.
  if (status === 400 && name === "URIError") {
    return new BeeError("not-found", "expected a path that decodes, got a broken percent-encoding", options);
  }
  return new BeeError("internal", messageOf(error), options);
}
