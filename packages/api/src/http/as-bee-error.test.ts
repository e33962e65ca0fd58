import { BeeError } from "@bee/core";
import { expect, test } from "@jest/globals";
import { asBeeError } from "./as-bee-error.ts";

const withCode = (code: string) => Object.assign(new Error("no"), { code });
const ofType = (type: string, status: number) => Object.assign(new Error("no"), { type, status });

test.each([
  ["a refused connection", withCode("ECONNREFUSED"), "unavailable"],
  ["refused on all addresses of a name", new AggregateError([withCode("ECONNREFUSED")]), "unavailable"],
  ["a Postgres that shuts down", withCode("57P01"), "unavailable"],
  ["a connection exception of Postgres", withCode("08006"), "unavailable"],
  ["a lost Postgres", new Error("Connection terminated unexpectedly"), "unavailable"],
  ["an exhausted pool", new Error("timeout exceeded when trying to connect"), "unavailable"],
  [
    "a Redis that is away",
    new Error("Stream isn't writeable and enableOfflineQueue options is false"),
    "unavailable",
  ],
  ["a full Redis", new Error("OOM command not allowed when used memory > 'maxmemory'."), "unavailable"],
  ["a wrapped cause", new Error("the read failed", { cause: withCode("ECONNRESET") }), "unavailable"],
  ["a body that does not parse", ofType("entity.parse.failed", 400), "invalid-json"],
  ["a large body", ofType("entity.too.large", 413), "body-too-large"],
  ["an unknown charset", ofType("charset.unsupported", 415), "unsupported-media-type"],
  ["a path that does not decode", Object.assign(new URIError("no"), { status: 400 }), "not-found"],
  ["a bug", new TypeError("x is not a function"), "internal"],
  ["a bad statement", withCode("42601"), "internal"],
  ["something that is no error", "no", "internal"],
  ["nothing", undefined, "internal"],
  ["an error of our own", new BeeError("conflict", "no"), "conflict"],
] as const)("%s gets its code", (_name, thrown, code) => {
  expect(asBeeError(thrown).code).toBe(code);
});
