import { expect, test } from "@jest/globals";
import { parseSite } from "./site.ts";

test.each([
  ["https://example.com/shop", { url: "https://example.com/shop" }],
  ["example.com", { domain: "example.com" }],
  ["localhost:8080", { url: "https://localhost:8080" }],
])("%s", (text, site) => {
  expect(parseSite(text)).toEqual(site);
});

test("what the API would refuse is refused here", () => {
  expect(() => parseSite("example.com/shop")).toThrow(
    'expected a host name such as example.com, got "example.com/shop"',
  );
});
