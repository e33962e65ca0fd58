import { countVisits } from "@bee/core";
import { FleetRegistry } from "@bee/queue";
import { html, robotsTxt, type Site, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const SLOW_MS = 150;

let web: Web;
let fleet: TestFleet;

const site: Site = {
  pages: {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapOf(["/gone", "/slow"].map((path) => web.url("mixed.test", path))),
    "/": html("home"),
    "/gone": { status: 404 },
    "/slow": async () => {
      await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
      return html("slow");
    },
  },
};

beforeAll(async () => {
  web = await startWeb({ hosts: { "mixed.test": site } });
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

test("workers tell with their heartbeats what they use, and how their visits went", async () => {
  const registry = new FleetRegistry(fleet.redis);
  await fleet.ended(await fleet.submit({ url: web.url("mixed.test") }));
  const until = async () => {
    for (;;) {
      const workers = await registry.list();
      const made = workers.reduce((sum, { visits }) => sum + countVisits(visits).made, 0);
      if (made === 3) return workers;
    }
  };
  const workers = await until();
  const total = (result: "ok" | "broken") =>
    workers.reduce((sum, { visits }) => sum + (visits[result] ?? 0), 0);
  expect([total("ok"), total("broken")]).toEqual([2, 1]);
  const slowest = Math.max(...workers.map(({ p95Ms }) => p95Ms ?? 0));
  expect(slowest).toBeGreaterThanOrEqual(SLOW_MS);
  for (const { p95Ms, meanMs, taskMs, cpu, cpuLimit, memory, memoryLimit } of workers) {
    if (p95Ms !== null) expect(meanMs).toBeLessThanOrEqual(p95Ms);
    // The site's time is part of the task's.
    if (meanMs !== null) expect(taskMs).toBeGreaterThanOrEqual(meanMs);
    expect(cpu).toBeGreaterThanOrEqual(0);
    expect(cpuLimit).toBeLessThanOrEqual(100);
    expect(memory).toBeLessThan(memoryLimit);
  }
});
