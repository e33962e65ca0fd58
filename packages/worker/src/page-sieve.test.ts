import { canonicalUrl, domainOf } from "@bee/core";
import { parseRobots } from "@bee/crawl";
import { expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { PageSieve } from "./page-sieve.ts";

const HOME = "https://example.com/";
const rules = parseRobots("User-agent: *\nDisallow: /private\n", "Bee").rules;

function sieveOf(include: string[] = [], exclude: string[] = []): PageSieve {
  return new PageSieve({
    domain: "example.com",
    options: { include, exclude },
    origin: "https://example.com",
    rules,
  });
}

const entry = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.webPath().map((path) => `https://example.com${path}`),
  fc.webPath().map((path) => `http://WWW.example.com:80/private${path}#here`),
  fc.webPath(),
  fc.string(),
);
const patterns = fc.array(fc.constantFrom("/", "/private", "/a*", "https://www."), { maxLength: 2 });

test("every entry is a page, foreign or filtered, and pages are of the domain and in their one form", () => {
  void fc.assert(
    fc.property(fc.array(entry), patterns, patterns, (entries, include, exclude) => {
      const sieve = sieveOf(include, exclude);
      const pages = entries.flatMap((text) => sieve.take(text, HOME, HOME));
      expect(pages.length + sieve.foreign + sieve.filtered).toBe(entries.length);
      for (const { url } of pages) {
        expect(domainOf(new URL(url).hostname)).toBe("example.com");
        expect(canonicalUrl(url)).toBe(url);
      }
    }),
  );
});

test("what robots.txt forbids on the origin at hand comes with the rule's line, the rest without", () => {
  const [forbidden] = sieveOf().take("/private/a", HOME, HOME);
  expect(forbidden?.disallowedBy).toBe("robots.txt line 2: Disallow: /private");
  const [elsewhere] = sieveOf().take("https://www.example.com/private/a", HOME, HOME);
  expect(elsewhere).toMatchObject({ url: "https://www.example.com/private/a", disallowedBy: null });
});

test("what a trap has caught is counted by its reason, with an example", () => {
  const sieve = new PageSieve({
    domain: "example.com",
    options: { include: [], exclude: ["/b"] },
    origin: "https://example.com",
    rules,
    trap: ({ pathname }) => (pathname === "/fine" ? null : `pages like ${pathname.slice(0, 2)}`),
  });
  for (const path of ["/fine", "/a1", "/a2", "/c", "/b", "http://elsewhere.test/a"])
    sieve.take(path, HOME, HOME);
  expect([...sieve.trapped]).toEqual([
    ["pages like /a", { links: 2, example: "https://example.com/a1" }],
    ["pages like /c", { links: 1, example: "https://example.com/c" }],
  ]);
  expect(sieve.take(HOME, HOME, null)).toHaveLength(1);
});

test("the job's own URL passes the patterns that leave it out", () => {
  expect(sieveOf(["/blog"]).take(HOME, HOME, null)).toHaveLength(1);
  expect(sieveOf(["/blog"]).take(HOME, HOME, HOME)).toHaveLength(0);
});
