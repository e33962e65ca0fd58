import { expect, test } from "@jest/globals";
import { causeOf, groupByCause } from "./cause.ts";
import { WALLED_REASON } from "./walled.ts";

test.each([
  ["answered 404", "answered 404"],
  ["answered 500 at attempt 3", "answered 500 at attempt 3"],
  ["redirects in a circle, back to https://a.test/x", "redirects in a circle, back to …"],
  ["redirects more than 5 times, next to https://a.test/6", "redirects more than 5 times, next to …"],
  [
    "redirects to https://a.test/x:y: robots.txt line 3: Disallow: /",
    "redirects to …: robots.txt line 3: Disallow: /",
  ],
  ["Expires: Thu, 01 Jan 1970 00:00:00 GMT makes it stale at once", "Expires: … makes it stale at once"],
  [
    "the body goes on after 10485761 bytes, where reading stopped",
    "the body goes on after … bytes, where reading stopped",
  ],
  ["connect ECONNREFUSED 127.0.0.1:8080", "connect ECONNREFUSED 127.0.0.1:8080"],
  [null, "no reason was recorded"],
])("the reason %j is one of the cause %j", (reason, cause) => {
  expect(causeOf(reason)).toBe(cause);
});

test("a reason of a thousand URLs is read at once", () => {
  expect(causeOf("https://".repeat(100_000)).length).toBeGreaterThan(0);
});

test("pages stand under their cause, the most common first, with how many it has in all", () => {
  const page = (url: string, reason: string) => ({ url, reason });
  const circle = page("/c", "redirects in a circle, back to https://a.test/c");
  const gone = page("/g", "answered 410");
  const late = page("/l", "one of too many causes to count");
  const causes = [
    { reason: "answered 410", pages: 3 },
    { reason: "redirects in a circle, back to …", pages: 5_000 },
  ];
  expect(groupByCause([gone, circle, late], causes)).toEqual([
    { cause: "redirects in a circle, back to …", pages: 5_000, findings: [circle] },
    { cause: "answered 410", pages: 3, findings: [gone] },
    { cause: "one of too many causes to count", pages: 1, findings: [late] },
  ]);
});

test("one page alone keeps the particulars of its reason", () => {
  const reason = "redirects in a circle, back to https://a.test/c";
  const causes = [{ reason: "redirects in a circle, back to …", pages: 1 }];
  expect(groupByCause([{ reason }], causes)[0]!.cause).toBe(reason);
});

test("why pages were given up comes before those that were not tried, however many they are", () => {
  const wall = { reason: "Cloudflare turned us away (cf-mitigated: challenge)" };
  const untried = { reason: WALLED_REASON };
  expect(groupByCause([untried, untried, wall], []).map(({ cause }) => cause)).toEqual([
    wall.reason,
    untried.reason,
  ]);
});
