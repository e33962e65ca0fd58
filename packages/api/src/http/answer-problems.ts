import { BeeError, type Log, messageOf, shorten } from "@bee/core";
import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { asBeeError } from "./as-bee-error.ts";
import { PROBLEM_TYPE, toProblem } from "./problem.ts";
import { requestIdOf } from "./request-id.ts";

/** Seconds after which it is worth to ask again: a store that was away, workers that shed load in steps of ten seconds. */
const RETRY_AFTER: Readonly<Record<string, string>> = {
  unavailable: "5",
  "not-working": "5",
  overloaded: "30",
};

/** Answers what no route answered. */
export const answerNotFound: RequestHandler = (request) => {
  const expected = "expected a path of this API, such as /v1/jobs/<id>/pages";
  throw new BeeError("not-found", `${expected}, got ${shorten(request.path)}; docs/http.md lists them`);
};

/** Answers every error of every route as a problem; the last handler of the app. */
export function answerProblems(log: Log): ErrorRequestHandler {
  return (thrown, _request, response, _next) => {
    // Whoever left needs no answer, and it is nobody's failure; the access log has the request as incomplete.
    if (isCallerGone(thrown)) return;
    const error = asBeeError(thrown);
    report(log, error, requestIdOf(response));
    // An answer that breaks off must look broken: half a report is not a report.
    if (response.headersSent) response.destroy();
    else sendProblem(response, error);
  };
}

/** What a stream to a closed connection, or a body that breaks off, fails with. */
function isCallerGone(thrown: unknown): boolean {
  const { code, type } = Object(thrown) as Partial<Record<string, unknown>>;
  return code === "ERR_STREAM_PREMATURE_CLOSE" || type === "request.aborted";
}

function sendProblem(response: Response, error: BeeError): void {
  const retryAfter = RETRY_AFTER[error.code];
  if (retryAfter !== undefined) response.set("retry-after", retryAfter);
  response.status(error.status).set("content-type", PROBLEM_TYPE);
  response.json(toProblem(error, requestIdOf(response)));
}

/** Callers' mistakes are theirs to see; ours and the stores' are the operator's. */
function report(log: Log, error: BeeError, request: string): void {
  const { code, message, cause } = error;
  if (error.status === 503) {
    log.warn("request refused", { request, code, error: message, cause: cause && messageOf(cause) });
  }
  if (error.status === 500) log.error("request failed", { request, error: message, stack: stackOf(error) });
}

/** The stack of what was thrown, which may be an error of a library, or no error at all. */
function stackOf({ stack, cause }: BeeError): unknown {
  return (Object(cause) as { stack?: unknown }).stack ?? stack;
}
