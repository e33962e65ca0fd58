import { expect, test } from "@jest/globals";
import { detectWall, mayBeWall, type WallAnswer } from "./wall.ts";

function wallOf(answer: Partial<WallAnswer>) {
  return detectWall({ status: 403, headers: {}, bodyStart: null, ...answer });
}

test.each<[string, Partial<WallAnswer>]>([
  ["Cloudflare", { headers: { "cf-mitigated": "challenge" } }],
  [
    "Cloudflare",
    { status: 503, headers: { server: "cloudflare" }, bodyStart: "<script>window._cf_chl_opt={}</script>" },
  ],
  [
    "Cloudflare",
    {
      headers: { server: "cloudflare" },
      bodyStart: '<div id="cf-error-details">Sorry, you have been blocked',
    },
  ],
  ["Vercel", { status: 429, headers: { "x-vercel-mitigated": "challenge" } }],
  ["AWS WAF", { status: 202, headers: { "x-amzn-waf-action": "challenge" } }],
  ["AWS WAF", { status: 405, headers: { "x-amzn-waf-action": "captcha" } }],
  ["Sucuri", { headers: { "x-sucuri-block": "EVA" } }],
  [
    "Akamai",
    {
      bodyStart: "<H1>Access Denied</H1>\nYou don't have permission.\n<P>Reference&#32;&#35;18.4f3".replace(
        "&#32;",
        " ",
      ),
    },
  ],
  ["Imperva", { bodyStart: '<script src="/_Incapsula_Resource?SWJIYLWA=719d34d31c8e3a6e6fffd425f7e032f3">' }],
  ["DataDome", { bodyStart: "<script>var dd={'host':'geo.captcha-delivery.com'}</script>" }],
  ["HUMAN", { bodyStart: '<div id="px-captcha"></div>' }],
  ["an unnamed wall", { bodyStart: "Please enable JavaScript and cookies to continue" }],
  ["an unnamed wall", { status: 202, bodyStart: "<form>Solve this captcha</form>" }],
])("%s is recognised: %j", (vendor, answer) => {
  expect(wallOf(answer)).toMatchObject({ vendor, signal: expect.stringMatching(/./) });
});

test.each<[string, Partial<WallAnswer>]>([
  ["a bare 403", {}],
  ["a 403 that nobody may see", { bodyStart: "<h1>403 Forbidden</h1><hr>nginx" }],
  [
    "a 403 of an origin behind Cloudflare",
    { headers: { server: "cloudflare", "cf-ray": "1-FRA" }, bodyStart: "<h1>Forbidden</h1>" },
  ],
  [
    "Cloudflare's script in an ordinary page",
    { headers: { server: "cloudflare" }, bodyStart: "/cdn-cgi/challenge-platform/scripts/jsd/main.js" },
  ],
  ["a page about captchas", { bodyStart: `<p>How a captcha works</p>${"x".repeat(4_000)}` }],
  ["a page with status 200", { status: 200, bodyStart: "Solve this captcha" }],
  ["a 404", { status: 404, bodyStart: "Access Denied Reference #1" }],
  ["a header that all protected pages carry", { headers: { "x-datadome": "protected", "x-iinfo": "1-2-3" } }],
])("%s is no wall", (_, answer) => {
  expect(wallOf(answer)).toBeNull();
});

test("the signal quotes what gave it away", () => {
  expect(wallOf({ headers: { "cf-mitigated": "challenge" } })?.signal).toBe("cf-mitigated: challenge");
  expect(wallOf({ bodyStart: "a captcha" })?.signal).toBe('"captcha" in a body of 9 characters');
});

test("bodies of statuses that walls use are worth looking at", () => {
  expect([200, 202, 301, 403, 404, 429, 503, 500].filter(mayBeWall)).toEqual([202, 403, 429, 503]);
});

test("four kilobytes of near misses cost little", () => {
  const start = performance.now();
  wallOf({ bodyStart: "Access Denied".repeat(315) });
  expect(performance.now() - start).toBeLessThan(100);
});
