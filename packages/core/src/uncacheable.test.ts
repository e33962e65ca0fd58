import { expect, test } from "@jest/globals";
import type { AnswerHeaders } from "./answer-headers.ts";
import { uncacheableReason } from "./uncacheable.ts";

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
  [
    { "cdn-cache-control": "no-store", "cache-control": "public, max-age=600" },
    "CDN-Cache-Control: no-store forbids shared caches to keep it",
  ],
  [{ "surrogate-control": "max-age=0" }, "Surrogate-Control: max-age=0 makes it stale at once"],
  [
    { "set-cookie": ["session=1"], "cache-control": "max-age=600" },
    "Set-Cookie makes it personal, so shared caches do not keep it",
  ],
  [{ vary: "Accept-Encoding, *" }, "Vary: * makes every request a different one"],
  [{ pragma: "no-cache" }, "Pragma: no-cache asks caches not to serve it"],
  [{ expires: "0" }, "Expires: 0 makes it stale at once"],
  [{ expires: "-1" }, "Expires: -1 makes it stale at once"],
  [
    { expires: "Thu, 19 Nov 1981 08:52:00 GMT", date: DATE },
    "Expires: Thu, 19 Nov 1981 08:52:00 GMT makes it stale at once",
  ],
  [{ expires: DATE, date: DATE }, `Expires: ${DATE} makes it stale at once`],
])("%j keeps an answer out of caches", (headers, reason) => {
  expect(uncacheableReason(headers, 200)).toBe(reason);
});

test.each<AnswerHeaders>([
  {},
  { "cache-control": "public" },
  { "cache-control": "max-age=600" },
  { "cache-control": "max-age=0, s-maxage=600" },
  { "cache-control": "no-cache, s-maxage=600" },
  { "cache-control": "max-age=0, stale-while-revalidate=60" },
  { "cache-control": 'private="set-cookie", max-age=600' },
  { "cache-control": "max-age=soon" },
  { "cache-control": "x-no-store, notprivate" },
  { "cdn-cache-control": "max-age=600", "cache-control": "no-store" },
  { "cache-control": "max-age=600", pragma: "no-cache", expires: "0" },
  { vary: "Accept-Encoding, Cookie" },
  { expires: "Sat, 07 Nov 2026 08:49:37 GMT", date: DATE },
  { expires: "Thu, 19 Nov 1981 08:52:00 GMT" },
  // Vercel and Netlify take what speaks to their own caches out of the answer.
  { "x-vercel-cache": "MISS", "cache-control": "public, max-age=0, must-revalidate" },
  { "x-nf-request-id": "01H", "cache-control": "public,max-age=0,must-revalidate" },
])("%j does not", (headers) => {
  expect(uncacheableReason(headers, 200)).toBeNull();
});

test("also behind such a platform what is forbidden is forbidden", () => {
  expect(uncacheableReason({ "x-vercel-cache": "MISS", "cache-control": "private, max-age=0" }, 200)).toMatch(
    /private/,
  );
});

test("a status that caches do not keep by themselves needs a lifetime", () => {
  expect(uncacheableReason({}, 202)).toBe(
    "Status 202 is not kept by caches unless a header gives it a lifetime",
  );
  expect(uncacheableReason({ "cache-control": "max-age=60" }, 202)).toBeNull();
  for (const status of [200, 203, 204, 206, 304]) expect(uncacheableReason({}, status)).toBeNull();
});
