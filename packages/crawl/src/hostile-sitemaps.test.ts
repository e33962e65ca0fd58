import { HeldMemory, HOSTILE_SITEMAPS, type HostileWeb, startHostileWeb } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { readSitemaps } from "./read-sitemaps.ts";
import { client } from "./testing/servers.ts";

let web: HostileWeb;
let held: HeldMemory;

beforeAll(async () => {
  held = new HeldMemory(25);
  web = await startHostileWeb(
    new Map(HOSTILE_SITEMAPS.map(({ host, behaviour }) => [`${host}/sitemap.xml`, behaviour])),
  );
});
afterEach(() => web.quiet());
afterAll(() => web.stop());

test.each(HOSTILE_SITEMAPS.map((sitemap) => [sitemap.name, sitemap] as const))(
  "a sitemap with %s",
  async (_, { host, pages, warning, late }) => {
    const bee = client({ deadlineMs: late ? 300 : 10_000 });
    const warnings: string[] = [];
    let count = 0;
    for await (const batch of readSitemaps({
      get: bee.get,
      roots: [`http://${host}:${web.port}/sitemap.xml`],
      // The other limits are the real ones; to read a thousand files takes its time.
      limits: { files: 50 },
      warn: ({ message }) => warnings.push(message),
    })) {
      count += batch.length;
      held.look();
    }
    bee.close();
    expect(count).toBe(pages);
    expect(warnings).toEqual(
      warning === null ? [] : expect.arrayContaining([expect.stringMatching(warning)]),
    );
  },
);

test("none of them takes memory that grows with it", () => {
  held.look();
  expect(held.peak).toBeLessThan(40);
});
