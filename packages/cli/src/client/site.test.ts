import { expect, test } from "@jest/globals";
import { parseSite } from "./site.ts";

test.each([
  ["https://example.com/shop", { url: "https://example.com/shop" }],
  ["example.com", { domain: "example.com" }],
  ["localhost", { domain: "localhost" }],
  ["https://acme", { url: "https://acme" }],
  ["acme:8080", { url: "https://acme:8080" }],
  ["localhost:8080", { url: "https://localhost:8080" }],
])("%s", (text, site) => {
  expect(parseSite(text)).toEqual(site);
});

test("what the API would refuse is refused here", () => {
  expect(() => parseSite("example.com/shop")).toThrow(
    'expected a host name such as example.com, got "example.com/shop"',
  );
});

test("half a name is refused before a fleet looks for it", () => {
  expect(() => parseSite("acme")).toThrow(
    'expected a host name such as acme.com, got "acme"; if the site has that very name, give its URL: https://acme',
  );
});
