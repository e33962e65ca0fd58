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
  ["www.webflow.io", "webflow.io"],
  ["webflow.io", "webflow.io"],
  ["shop.myshopify.com", "shop.myshopify.com"],
  ["www.example.co.uk", "example.co.uk"],
  ["one.pages.dev", "one.pages.dev"],
  ["www.xn--bcher-kva.example", "xn--bcher-kva.example"],
  ["www.bücher.example", "bücher.example"],
  ["localhost.", "localhost"],
  ["a.localhost", "a.localhost"],
  ["intranet", "intranet"],
  ["[2001:db8::1]", "[2001:db8::1]"],
  ["192.168.1.10", "192.168.1.10"],
  ["10.0.0.1.", "10.0.0.1"],
])("%s shares the gate of %s", (host, domain) => {
  expect(domainOf(host)).toBe(domain);
});

test.each([
  ["https://www.example.com:8443/a", "example.com"],
  ["http://www.bücher.example/", "xn--bcher-kva.example"],
  ["http://127.0.0.1:8080/", "127.0.0.1"],
  ["http://[::1]:8080/", "[::1]"],
])("%s shares the gate of %s: a port has no gate of its own", (url, domain) => {
  expect(domainOf(new URL(url).hostname)).toBe(domain);
});
