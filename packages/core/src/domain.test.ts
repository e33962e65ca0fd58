import { expect, test } from "@jest/globals";
import { domainOf } from "./domain.ts";

test.each([
  ["example.com", "example.com"],
  ["www.example.com", "example.com"],
  ["WWW.Example.COM.", "example.com"],
  ["a.b.example.co.uk", "example.co.uk"],
  ["site.webflow.io", "site.webflow.io"],
  ["www.site.webflow.io", "site.webflow.io"],
  ["other.webflow.io", "other.webflow.io"],
  ["one.wordpress.com", "one.wordpress.com"],
  ["two.shopify.com", "two.shopify.com"],
  ["www.shopify.com", "shopify.com"],
  ["shopify.com", "shopify.com"],
  ["notshopify.com", "notshopify.com"],
  ["me.github.io", "me.github.io"],
  ["xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["shop.test", "shop.test"],
  ["www.shop.test", "shop.test"],
  ["health.internal", "health.internal"],
  ["localhost", "localhost"],
  ["127.0.0.1", "127.0.0.1"],
  ["[::1]", "[::1]"],
  ["com", "com"],
])("%s shares the gate of %s", (host, domain) => {
  expect(domainOf(host)).toBe(domain);
});
