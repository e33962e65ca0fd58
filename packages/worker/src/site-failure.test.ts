import { toFetchError } from "@bee/crawl";
import { expect, test } from "@jest/globals";
import { siteFailure } from "./site-failure.ts";

const failed = (code: string) => toFetchError({ code }, new URL("https://shop.test:81/robots.txt")).message;

test.each<[string, number | null, string]>([
  [failed("ENOTFOUND"), null, "shop.test does not exist: is it spelled right?"],
  [failed("ECONNREFUSED"), null, "shop.test:81 does not answer: the connection was refused"],
  [failed("ETIMEDOUT"), null, "shop.test:81 does not answer: the connection was never accepted"],
  [failed("EAI_AGAIN"), null, "shop.test:81 does not answer: the name servers did not answer"],
  [failed("EHOSTUNREACH"), null, "shop.test:81 does not answer: there is no route to it"],
  [failed("CERT_HAS_EXPIRED"), null, `robots.txt cannot be read: ${failed("CERT_HAS_EXPIRED")}`],
  ["robots.txt answered 500", 500, "robots.txt answered 500, and as long as it does nothing may be fetched"],
])("%s", (reason, httpStatus, expected) => {
  const record = {
    origin: "https://shop.test:81",
    status: "unreachable",
    fetchedAt: 0,
    maxAgeSeconds: 60,
  } as const;
  expect(siteFailure({ ...record, httpStatus, reason })).toBe(expected);
});
