import { type FetchFailure, messageOf } from "@bee/core";
import { TimeoutError } from "got";

/** A request that got no answer; `kind` decides what happens next, the message is one sentence for a person. */
export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly kind: FetchFailure;

  constructor(kind: FetchFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** The error codes of Node and OpenSSL that a request can end in, and what they mean to us; the first row that fits counts. */
const MEANINGS: readonly (readonly [code: RegExp, kind: FetchFailure, got: string])[] = [
  [/^ENOTFOUND$/, "dns", "the name does not exist"],
  [/^EAI_AGAIN$/, "connect", "the name servers did not answer"],
  [/^ECONNREFUSED$/, "connect", "the connection was refused"],
  [/^(?:EHOSTUNREACH|ENETUNREACH|EHOSTDOWN|ENETDOWN|EADDRNOTAVAIL)$/, "connect", "there is no route to it"],
  [/^ETIMEDOUT$/, "connect", "the connection was never accepted"],
  [/^CERT_HAS_EXPIRED$/, "tls", "its certificate has expired"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "tls", "its certificate is for another name"],
  [/SELF_SIGNED|^UNABLE_TO_|^CERT_/, "tls", "its certificate is not trusted"],
  [/^EPROTO$|^ERR_SSL_|^ERR_TLS_/, "tls", "the TLS handshake failed"],
  [/^HPE_HEADER_OVERFLOW$/, "too-large", "headers of more than 16 KiB"],
  [/^HPE_/, "protocol", "what is not HTTP"],
  [/^(?:ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE)$/, "protocol", "the connection was cut off"],
  [/^ERR_HTTP_CONTENT_LENGTH_MISMATCH$/, "protocol", "a body of another length than announced"],
  [/^Z_|^ERR_BROTLI|^ERR__ERROR_|^ERR_PADDING/, "protocol", "a body that is not in the coding it claims"],
];

/** What the steps of a request are called when they take too long; the keys are those of got's `timeout`. */
const STEPS: Readonly<Record<string, string>> = {
  lookup: "an address",
  connect: "a connection",
  secureConnect: "a TLS connection",
  send: "the request to be taken",
  response: "the first byte of an answer",
};

/** Makes a {@link FetchError} of whatever got, Node or a decoder threw while `url` was requested. */
export function toFetchError(error: unknown, url: URL): FetchError {
  const own = ownErrorIn(error);
  if (own !== null) return own;
  if (error instanceof TimeoutError) {
    const seconds = Number(/(\d+)ms/.exec(error.message)?.[1] ?? 0) / 1_000;
    return timeoutError(url, STEPS[error.event] ?? "a complete answer", seconds, error);
  }
  const code = (error as { code?: unknown }).code;
  const meaning = MEANINGS.find(([pattern]) => typeof code === "string" && pattern.test(code));
  if (meaning === undefined) return failure("protocol", url, messageOf(error), error);
  return failure(meaning[1], url, `${meaning[2]} (${code})`, error);
}

/** We gave up, which says nothing of the other side. */
export function abortError(url: URL, reason: string): FetchError {
  return new FetchError("aborted", `the request to ${url.host} was given up: ${reason}`);
}

/** The other side answered with something that is no answer. */
export function unexpected(url: URL, got: string): FetchError {
  return failure("protocol", url, got);
}

/** `step` did not come within the limit. */
export function timeoutError(url: URL, step: string, seconds: number, cause?: unknown): FetchError {
  return new FetchError("timeout", `expected ${step} from ${url.host} within ${seconds} s, got none`, cause);
}

function failure(kind: FetchFailure, url: URL, got: string, cause?: unknown): FetchError {
  return new FetchError(kind, `expected an answer from ${url.host}, got: ${got}`, cause);
}

/** Our own errors come back wrapped: got puts what a lookup or a destroy gave it into `cause`. */
function ownErrorIn(error: unknown): FetchError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof FetchError) return at;
  }
  return null;
}
