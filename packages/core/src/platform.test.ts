import { expect, test } from "@jest/globals";
import { platformBehind, platformOf } from "./platform.ts";

const HACKER = "If you're reading this, you should visit automattic.com/jobs and apply to join the fun.";
const VIP = "If you're reading this, you should visit wpvip.com/careers and apply to join the fun.";
const KEYS = "www.a.example 5beab1239ac88487c3a6608f pageId:6489101ec0a2086ed38d5625";

test.each([
  ["webflow.io", { "x-wf-region": "us-east-1", server: "cloudflare" }],
  ["webflow.io", { "x-wf-page-id": "6a068da7ad91b057365bf968" }],
  ["webflow.io", { "surrogate-key": KEYS }],
  ["shopify.com", { "x-shopid": "123" }],
  ["shopify.com", { "x-shopify-stage": "production" }],
  ["shopify.com", { "x-sorting-hat-shopid": "123" }],
  ["shopify.com", { "powered-by": "Shopify" }],
  ["wordpress.com", { "host-header": "WordPress.com", "x-ac": "3.syd _atomic_dca MISS" }],
  ["wordpress.com", { "x-hacker": HACKER }],
  ["wordpress.com", { "x-hacker": HACKER, "host-header": "WordPress.com" }],
])("%s is known by %j", (platform, headers) => {
  expect(platformOf(headers)).toBe(platform);
});

test.each([
  [{}],
  [{ server: "cloudflare", "cf-ray": "1" }],
  [{ "surrogate-key": "post-1 home front" }],
  [{ "surrogate-key": "5beab1239ac88487c3a6608f" }],
  [{ "x-shopid": "" }],
  [{ "powered-by": "Shopify-like" }],
  [{ "x-powered-by": "PHP/8.3" }],
  [{ "x-ac": "3.syd _atomic_dca MISS" }],
  [{ "x-hacker": VIP }],
  [{ "x-hacker": HACKER, "host-header": "Pressable" }],
])("%j proves no platform", (headers) => {
  expect(platformOf(headers)).toBeNull();
});

test("a domain whose name says its platform is not asked for another", () => {
  expect(platformBehind("shop.a.example", { "x-shopid": "1" })).toBe("shopify.com");
  expect(platformBehind("a.webflow.io", { "x-shopid": "1" })).toBeNull();
});
