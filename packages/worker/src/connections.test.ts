import { setTimeout as delay } from "node:timers/promises";
import { workersConnections } from "@bee/core";
import { countConnections } from "@bee/store";
import { html, robotsTxt, type Site, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const HOSTS = Array.from({ length: 30 }, (_, i) => `busy-${i}.test`);
/** More than can be done before all workers have started, however slow the machine: the rest is cancelled. */
const PAGES = Array.from({ length: 499 }, (_, i) => `/page-${i}`);
const LOOK_EVERY_MS = 10;
const RULE = { requestsPerSecond: 10, burst: 5, concurrency: 5 };

let web: Web;
let fleet: TestFleet;
let watch: Watch;

function site(host: string): Site {
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapOf(PAGES.map((path) => web.url(host, path))),
  };
  for (const path of ["/", ...PAGES]) pages[path] = html(path);
  return { pages };
}

beforeAll(async () => {
  web = await startWeb({ hosts: Object.fromEntries(HOSTS.map((host) => [host, site(host)])) });
  fleet = await startFleet({ rules: { default: RULE } });
  watch = new Watch();
});
afterAll(async () => {
  await watch.end();
  await fleet.stop();
  await web.stop();
});

/** Looks at what Postgres sees of the workers until it is told to end. */
class Watch {
  #most = 0;
  #isEnding = false;
  readonly #watching = this.#look();

  /** The most connections at once since this was asked last. */
  most(): number {
    const most = this.#most;
    this.#most = 0;
    return most;
  }

  async sees(connections: number): Promise<void> {
    while (this.#most < connections) await delay(LOOK_EVERY_MS);
  }

  async end(): Promise<void> {
    this.#isEnding = true;
    await this.#watching;
  }

  async #look(): Promise<void> {
    while (!this.#isEnding) {
      const { open } = await countConnections(fleet.db);
      this.#most = Math.max(this.#most, open);
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Resolves when so many workers claim so many connections each. */
async function claimed(workers: number, each: number): Promise<void> {
  const expected = Array.from({ length: workers }, () => String(each)).join();
  while ((await fleet.redis.hvals("{bee}:connections")).join() !== expected) await delay(LOOK_EVERY_MS);
}

test("from 3 workers to 25 and back, all at work, the pools follow and never pass the fleet's 50 together", async () => {
  const jobs = await Promise.all(HOSTS.map((host) => fleet.submit({ url: web.url(host) })));
  await claimed(3, 2);
  expect(watch.most()).toBeLessThanOrEqual(3 * 2);

  // The most that workers may hold, all of it in use: whoever joins now has to wait for room.
  await fleet.resize(22);
  await claimed(22, 2);
  await watch.sees(22 * 2);
  await fleet.resize(25);
  await claimed(25, 1);
  expect(watch.most()).toBeLessThanOrEqual(workersConnections());

  await fleet.resize(3);
  await claimed(3, 2);
  expect(watch.most()).toBeLessThanOrEqual(workersConnections());
  await Promise.all(jobs.map((id) => fleet.order(id, "cancel")));
  expect(watch.most()).toBeLessThanOrEqual(3 * 2);
}, 120_000);
