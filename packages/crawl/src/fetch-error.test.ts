import { expect, test } from "@jest/globals";
import { FetchError, toFetchError } from "./fetch-error.ts";

const URL_ = new URL("https://a.example/secret?token=1");

function withCode(code: string): Error {
  return Object.assign(new Error("something"), { code });
}

test.each([
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "connect"],
  ["ECONNREFUSED", "connect"],
  ["EHOSTUNREACH", "connect"],
  ["ENETUNREACH", "connect"],
  ["ETIMEDOUT", "connect"],
  ["CERT_HAS_EXPIRED", "tls"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "tls"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "tls"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "tls"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "tls"],
  ["EPROTO", "tls"],
  ["ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR", "tls"],
  ["HPE_HEADER_OVERFLOW", "too-large"],
  ["HPE_INVALID_CONSTANT", "protocol"],
  ["ECONNRESET", "protocol"],
  ["EPIPE", "protocol"],
  ["ERR_HTTP_CONTENT_LENGTH_MISMATCH", "protocol"],
  ["Z_DATA_ERROR", "protocol"],
  ["EWHATEVER", "protocol"],
])("%s is a failure of kind %s", (code, kind) => {
  expect(toFetchError(withCode(code), URL_).kind).toBe(kind);
});

test("the message names the host and what came instead of an answer, and not the path", () => {
  const cause = withCode("CERT_HAS_EXPIRED");
  const error = toFetchError(cause, URL_);
  expect(error.message).toBe(
    "expected an answer from a.example, got: its certificate has expired (CERT_HAS_EXPIRED)",
  );
  expect(error.cause).toBe(cause);
});

test("an error of our own comes out of whatever it was wrapped in", () => {
  const own = new FetchError("address", "expected a public address, got 10.0.0.1");
  expect(toFetchError(new Error("outer", { cause: new Error("inner", { cause: own }) }), URL_)).toBe(own);
});

test("an error whose cause is itself does not hang", () => {
  const circular = new Error("circular");
  circular.cause = circular;
  expect(toFetchError(circular, URL_).kind).toBe("protocol");
});
