import { describe, expect, test } from "@jest/globals";
import { linksOf } from "./layout.ts";
import { type DemoPage, isReadable } from "./page.ts";
import { DEMO_PAGES, pageAt } from "./pages.ts";
import { robotsTxt } from "./robots.ts";

const readable = DEMO_PAGES.filter(isReadable);
const linked = new Set(readable.flatMap(linksOf));
const moved = DEMO_PAGES.filter((page) => page.kind === "moved");

/** Whether the group for all crawlers permits a path: the longest matching rule decides (RFC 9309). */
function permits(path: string): boolean {
  const group = robotsTxt("http://garden.test/").split("User-agent: *\n")[1] ?? "";
  const rules = [...group.matchAll(/^(Allow|Disallow): (\S+)/gm)].map(([, verb, pattern = ""]) => ({
    verb,
    pattern,
  }));
  const longest = rules
    .filter(({ pattern }) => matches(pattern, path))
    .sort((a, b) => b.pattern.length - a.pattern.length)[0];
  return longest?.verb !== "Disallow";
}

function matches(pattern: string, path: string): boolean {
  const source = pattern.replace(/[.?+()[\]]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${source}`).test(path);
}

describe("the table of pages", () => {
  test("has each path once", () => {
    const paths = DEMO_PAGES.map((page) => page.path);
    expect(paths.filter((path, index) => paths.indexOf(path) !== index)).toEqual([]);
  });

  test("has paths in the form in which URLs are compared", () => {
    const odd = DEMO_PAGES.filter(({ path }) => {
      const url = new URL(path, "http://garden.test");
      return url.pathname + url.search !== path;
    });
    expect(odd).toEqual([]);
  });

  test("links lead to pages to read, never to stale, moved or disallowed ones", () => {
    const led = [...linked].map(pageAt);
    expect(led.filter((page) => !isReadable(page) || page.disallowed)).toEqual([]);
  });

  test("every page to read that a sitemap lists is linked from another, but for the disallowed", () => {
    const lonely = readable.filter((page) => page.sitemap !== null && !linked.has(page.path));
    expect(lonely.filter((page) => !page.disallowed).map((page) => page.path)).toEqual([]);
  });

  test("marks as disallowed exactly what robots.txt disallows", () => {
    expect(DEMO_PAGES.filter((page) => page.disallowed === true).map((page) => page.path)).toEqual(
      DEMO_PAGES.filter((page) => !permits(page.path)).map((page) => page.path),
    );
  });

  test("robots.txt excepts one page of a disallowed folder", () => {
    expect(permits("/checkout/anything")).toBe(false);
    expect(permits("/checkout/delivery-rates")).toBe(true);
  });

  test("has moves of both kinds and one of two hops", () => {
    expect(moved.map((page) => `${page.status} ${page.path} ${page.to}`)).toEqual([
      "301 /plants/bottlebrush /plants/callistemon",
      "301 /plants/gum-trees /plants/eucalypts",
      "302 /offers /offers/this-week",
      "301 /blog/first-bees /news/first-bees",
      "302 /news/first-bees /stories/first-bees",
    ]);
  });

  // Else the cache result of the page that moved would depend on the order in which a fleet visits pages.
  test("pages that moves lead to are found in no other way", () => {
    const targets: DemoPage[] = moved.map((page) => pageAt(page.to));
    expect(targets.filter((page) => page.sitemap !== null || linked.has(page.path))).toEqual([]);
    expect(new Set(targets).size).toBe(moved.length);
  });

  test("a path that is not in it is refused by name", () => {
    expect(() => pageAt("/plants/roses")).toThrow('got "/plants/roses"');
  });
});
