import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ask } from "../web/ask.ts";
import { type DemoSite, startDemoSite } from "./demo-site.ts";
import type { ExpectedPage } from "./expectation.ts";

let site: DemoSite;
beforeAll(async () => {
  site = await startDemoSite({ originDelayMs: 0, slowMs: 20 });
});
afterAll(() => site.stop());

/** Expected URLs without the origin, which has another port in every run. */
function paths(urls: readonly string[]): string[] {
  return urls.map((url) => url.slice(site.url.length - 1));
}

describe("the expectation in numbers", () => {
  test("97 pages: 96 in the sitemaps, and the home page", () => {
    expect(site.expected.pages).toBe(97);
    expect(site.expected.each).toHaveLength(97);
    expect(new Set(site.expected.each.map((page) => page.url)).size).toBe(97);
  });

  test("outcomes", () => {
    expect(site.expected.outcomes).toEqual({
      ok: 91,
      broken: 4,
      blocked: 0,
      unreachable: 0,
      disallowed: 2,
      skipped: 0,
      cancelled: 0,
    });
  });

  test("cache results of a cold and of a warm run", () => {
    const none = { warmed: 0, "already-warm": 0, uncacheable: 0, unproven: 0, none: 0 };
    expect(site.expected.firstRun).toEqual({ ...none, warmed: 90, uncacheable: 1 });
    expect(site.expected.secondRun).toEqual({ ...none, "already-warm": 90, uncacheable: 1 });
  });

  test("findings", () => {
    const { broken, disallowed, redirected, slow, uncacheable, onlyLinked } = site.expected;
    expect(broken.map((page) => page.status)).toEqual([404, 404, 404, 404]);
    expect(paths(broken.map((page) => page.url))).toEqual([
      "/plants/waratahs",
      "/plants/lilies/christmas-bells",
      "/journal/spring-fair-2019",
      "/guides/lawn-care",
    ]);
    expect(paths(disallowed)).toEqual(["/checkout/gift-card", "/guides/planting-calendar/print"]);
    expect(paths(redirected)).toEqual([
      "/plants/bottlebrush",
      "/plants/gum-trees",
      "/offers",
      "/blog/first-bees",
    ]);
    expect(paths(slow)).toEqual(["/guides/planting-calendar"]);
    expect(paths(uncacheable)).toEqual(["/garden-club"]);
    expect(paths(onlyLinked)).toEqual(["/contact", "/opening-hours", "/newsletter"]);
  });

  test("the redirects of a page, in order and as whole URLs", () => {
    const chain = site.expected.each.find((page) => page.url === `${site.url}blog/first-bees`);
    expect(chain).toEqual({
      url: `${site.url}blog/first-bees`,
      outcome: "ok",
      status: 200,
      redirects: [
        { status: 301, to: `${site.url}news/first-bees` },
        { status: 302, to: `${site.url}stories/first-bees` },
      ],
      firstRun: "warmed",
      secondRun: "already-warm",
    });
  });
});

/**
 * A crawl that knows nothing of the table: it reads the sitemaps, asks for every page twice and believes the headers.
 * Of robots.txt it takes the expectation's word, which the tests of the table check.
 */
describe("a naive crawl finds what is expected", () => {
  async function entries(url: string): Promise<string[]> {
    const { body, headers } = await ask(url);
    const xml = headers["content-type"] === "application/gzip" ? gunzipSync(body) : body;
    return [...xml.toString().matchAll(/<loc>(.*?)<\/loc>/g)].map(([, loc = ""]) =>
      loc.replaceAll("&amp;", "&"),
    );
  }

  async function sitemapUrls(): Promise<string[]> {
    const robots = (await ask(`${site.url}robots.txt`)).body.toString();
    const index = /^Sitemap: (.*)$/m.exec(robots)?.[1] ?? "";
    return (await Promise.all((await entries(index)).map(entries))).flat();
  }

  async function follow(url: string, redirects: ExpectedPage["redirects"] = []) {
    const reply = await ask(url);
    if (reply.headers.location === undefined) return { reply, redirects };
    const to = new URL(reply.headers.location, url).href;
    return await follow(to, [...redirects, { status: reply.status, to }]);
  }

  const cacheResultOf = (first: string, second: string) => {
    if (first.endsWith("; hit")) return "already-warm";
    if (first.includes("fwd=bypass")) return "uncacheable";
    return second.endsWith("; hit") ? "warmed" : "unproven";
  };

  async function visit(
    url: string,
  ): Promise<Omit<ExpectedPage, "firstRun" | "secondRun"> & { cache: unknown }> {
    if (site.expected.disallowed.includes(url)) {
      return { url, outcome: "disallowed", status: null, redirects: [], cache: null };
    }
    const { reply, redirects } = await follow(url);
    const { status } = reply;
    if (status !== 200) return { url, outcome: "broken", status, redirects, cache: null };
    const proof = await follow(url);
    const [first, second] = [reply, proof.reply].map(({ headers }) => String(headers["cache-status"]));
    return { url, outcome: "ok", status, redirects, cache: cacheResultOf(first ?? "", second ?? "") };
  }

  async function crawl() {
    const urls = new Set([site.url, ...(await sitemapUrls()).map((url) => url.replace(/#.*/, ""))]);
    return await Promise.all([...urls].map(visit));
  }

  const sorted = (pages: readonly { url: string }[]) => [...pages].sort((a, b) => (a.url < b.url ? -1 : 1));
  const expectedOf = (run: "firstRun" | "secondRun") =>
    site.expected.each.map(({ firstRun, secondRun, ...page }) => ({
      ...page,
      cache: { firstRun, secondRun }[run],
    }));

  test("one URL stands in both sitemaps, once with a fragment", async () => {
    const urls = (await sitemapUrls()).map((url) => url.replace(/#.*/, ""));
    expect(urls).toHaveLength(97);
    expect(urls.filter((url, index) => urls.indexOf(url) !== index)).toEqual([
      `${site.url}plants/lilies/blue-flax-lily`,
    ]);
  });

  test("cold, then warm, then cold again after a purge", async () => {
    site.purge();
    expect(sorted(await crawl())).toEqual(sorted(expectedOf("firstRun")));
    expect(sorted(await crawl())).toEqual(sorted(expectedOf("secondRun")));
    site.purge();
    expect(sorted(await crawl())).toEqual(sorted(expectedOf("firstRun")));
  });

  test("a crawl that follows links finds no broken one, and only what is expected besides", async () => {
    const known = new Set(site.expected.each.map((page) => page.url));
    const found = new Set([site.url]);
    for (const url of found) {
      const { status, body } = await ask(url);
      expect([url, status]).toEqual([url, 200]);
      for (const [, href = ""] of body.toString().matchAll(/<a href="(.*?)"/g)) {
        found.add(new URL(href.replaceAll("&amp;", "&"), url).href);
      }
    }
    expect([...found].filter((url) => !known.has(url))).toEqual(site.expected.onlyLinked);
    expect(found.size).toBe(90);
  });
});
