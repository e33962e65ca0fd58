import { FETCH_FAILURES, type FetchFailure } from "@bee/core";
import { FetchError, type HttpAnswer } from "@bee/crawl";
import type { Verdict } from "@bee/queue";
import { describe, expect, test } from "@jest/globals";
import { verdictOf } from "./admission.ts";
import { JobStoppedError } from "./stopped-jobs.ts";

const answered = (status: number, headers: HttpAnswer["headers"] = {}): PromiseSettledResult<HttpAnswer> => ({
  status: "fulfilled",
  value: { url: new URL("https://a.test/"), status, headers, ttfbMs: 1, bytes: 0, truncated: false },
});
const rejected = (reason: unknown): PromiseSettledResult<HttpAnswer> => ({ status: "rejected", reason });

describe("a request says that its domain", () => {
  test.each([200, 301, 304, 400, 401, 403, 404, 410, 499])("is up: status %i", (status) => {
    expect(verdictOf(answered(status))).toEqual({ type: "answered" });
  });

  test.each([500, 502, 503, 504, 520, 599])("is down: status %i", (status) => {
    expect(verdictOf(answered(status))).toEqual({ type: "failed", failure: `answered ${status}` });
  });

  test("may be well where a page that had failed answers 500 again, but not where nobody answers", () => {
    expect(verdictOf(answered(500), true)).toMatchObject({ type: "failed", again: true });
    expect(verdictOf(rejected(new FetchError("protocol", "cut off")), true)).toEqual({
      type: "failed",
      failure: "cut off",
    });
  });

  test.each([429, 430, 503])("wants quiet: status %i with a Retry-After", (status) => {
    const verdict = verdictOf(answered(status, { "retry-after": "7" })) as Extract<
      Verdict,
      { type: "throttled" }
    >;
    expect(verdict).toMatchObject({ type: "throttled", forMs: 7_000 });
    expect(verdict.plea).toContain(`answered ${status}`);
  });

  test("is up when it asks for no quiet at all", () => {
    expect(verdictOf(answered(503, { "retry-after": "0" }))).toEqual({ type: "answered" });
  });

  const down: readonly FetchFailure[] = ["connect", "tls", "timeout", "protocol"];
  test.each(FETCH_FAILURES)("is down, or nothing: %s", (kind) => {
    const { type } = verdictOf(rejected(new FetchError(kind, "it failed")));
    expect(type).toBe(down.includes(kind) ? "failed" : "no-news");
  });

  test.each([new JobStoppedError(), new Error("a fault of ours"), new DOMException("", "AbortError")])(
    "nothing: %s",
    (error) => {
      expect(verdictOf(rejected(error))).toEqual({ type: "no-news" });
    },
  );
});
