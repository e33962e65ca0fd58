import { expect, test } from "@jest/globals";
import type { AnswerHeaders } from "./answer-headers.ts";
import { objectionTo } from "./uncacheable.ts";

const DATE = "Fri, 06 Nov 2026 08:49:37 GMT";

test.each<[AnswerHeaders, string]>([
  [{ "cache-control": "no-store" }, "Cache-Control: no-store forbids shared caches to keep it"],
  [{ "cache-control": "Private, max-age=600" }, "Cache-Control: private forbids shared caches to keep it"],
  [{ "cache-control": "private, no-store" }, "Cache-Control: no-store forbids shared caches to keep it"],
  [{ "cache-control": "public, no-cache" }, "Cache-Control: no-cache makes caches ask the origin every time"],
  [{ "cache-control": "max-age=0, must-revalidate" }, "Cache-Control: max-age=0 makes it stale at once"],
  [{ "cache-control": "max-age=-1" }, "Cache-Control: max-age=-1 makes it stale at once"],
  [{ "cache-control": "max-age=600, s-maxage=0" }, "Cache-Control: s-maxage=0 makes it stale at once"],
  [{ "cache-control": 's-maxage="0"' }, "Cache-Control: s-maxage=0 makes it stale at once"],
  [{ "cdn-cache-control": "no-store" }, "CDN-Cache-Control: no-store forbids shared caches to keep it"],
  [
    { "cdn-cache-control": "max-age=0", "cache-control": "private" },
    "CDN-Cache-Control: max-age=0 makes it stale at once",
  ],
  [
    { "x-litespeed-cache-control": "no-cache" },
    "X-LiteSpeed-Cache-Control: no-cache makes caches ask the origin every time",
  ],
  [{ "cache-control": "no-cache, s-maxage=60", vary: "*" }, "Vary: * makes every request a different one"],
  [{ "surrogate-control": "max-age=0" }, "Surrogate-Control: max-age=0 makes it stale at once"],
  [
    { "set-cookie": ["session=1"], "cache-control": "max-age=600" },
    "Set-Cookie makes it personal, so shared caches do not keep it",
  ],
  [{ vary: "Accept-Encoding, *" }, "Vary: * makes every request a different one"],
  [{ expires: "0" }, "Expires: 0 makes it stale at once"],
  [{ expires: "-1" }, "Expires: -1 makes it stale at once"],
  [
    { expires: "Thu, 19 Nov 1981 08:52:00 GMT", date: DATE },
    "Expires: Thu, 19 Nov 1981 08:52:00 GMT makes it stale at once",
  ],
  [{ expires: DATE, date: DATE }, `Expires: ${DATE} makes it stale at once`],
])("%j keeps an answer out of caches", (headers, reason) => {
  expect(objectionTo(headers, 200)).toEqual({ reason, binding: true });
});

test.each<[AnswerHeaders, string]>([
  // nginx and Varnish know no CDN-Cache-Control, Squid no Surrogate-Control.
  [
    { "cdn-cache-control": "no-store", "cache-control": "public, max-age=600" },
    "CDN-Cache-Control: no-store forbids shared caches to keep it",
  ],
  [
    { "surrogate-control": "max-age=600", "cache-control": "private" },
    "Cache-Control: private forbids shared caches to keep it",
  ],
  [
    { "cache-control": "no-cache, s-maxage=600" },
    "Cache-Control: no-cache makes caches ask the origin every time",
  ],
  [
    { "cache-control": "max-age=0, stale-while-revalidate=60" },
    "Cache-Control: max-age=0 makes it stale at once",
  ],
  [
    { "cache-control": 'private="set-cookie", max-age=600' },
    "Cache-Control: private forbids shared caches to keep it",
  ],
  [{ pragma: "no-cache" }, "Pragma: no-cache asks caches not to serve it"],
])("%j keeps it out of some", (headers, reason) => {
  expect(objectionTo(headers, 200)).toEqual({ reason, binding: false });
});

test.each<AnswerHeaders>([
  {},
  { "cache-control": "public" },
  { "cache-control": "max-age=600" },
  { "cache-control": "max-age=0, s-maxage=600" },
  { "cache-control": "max-age=soon" },
  { "cache-control": "x-no-store, notprivate" },
  { "cache-control": "max-age=600", pragma: "no-cache", expires: "0" },
  { vary: "Accept-Encoding, Cookie" },
  { expires: "Sat, 07 Nov 2026 08:49:37 GMT", date: DATE },
  { expires: "Thu, 19 Nov 1981 08:52:00 GMT" },
])("%j does not", (headers) => {
  expect(objectionTo(headers, 200)).toBeNull();
});

test("a status that caches do not keep by themselves needs a lifetime", () => {
  expect(objectionTo({}, 202)?.reason).toBe(
    "Status 202 is not kept by caches unless a header gives it a lifetime",
  );
  expect(objectionTo({ "cache-control": "max-age=60" }, 202)).toBeNull();
  for (const status of [200, 203, 204, 206, 304]) expect(objectionTo({}, status)).toBeNull();
});
