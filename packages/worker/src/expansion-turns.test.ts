import { html, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

/** Many more than the slots of the fleet. */
const JOBS = 50;
const ENVIRONMENT = { BEE_WORKER_SLOTS: "4" };
const RULE = { requestsPerSecond: 200, burst: 100, concurrency: 20 };

let web: Web;
let fleet: TestFleet;
/** Resolved when the silent site begins to answer. */
const speaks = Promise.withResolvers<void>();

beforeAll(async () => {
  const silent = {
    pages: {
      "/robots.txt": () => speaks.promise.then(() => ({ status: 404 })),
      "/": html("home"),
    },
  };
  const lively = {
    pages: {
      "/robots.txt": { status: 404 },
      "/sitemap.xml": () => sitemapOf([web.url("lively.test", "/a")]),
      "/": html("home"),
      "/a": html("a"),
    },
  };
  web = await startWeb({ hosts: { "silent.test": silent, "lively.test": lively } });
  fleet = await startFleet({
    environment: ENVIRONMENT,
    rules: { "silent.test": RULE, "lively.test": RULE },
  });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

test("fifty jobs of a domain that does not answer delay no job of another, and then follow one another", async () => {
  const ids: string[] = [];
  for (let i = 0; i < JOBS; i++)
    ids.push(await fleet.submit({ url: web.url("silent.test"), verify: "none" }));
  const lively = await fleet.ended(await fleet.submit({ url: web.url("lively.test"), verify: "none" }));
  expect(lively).toMatchObject({ status: "completed", counts: { succeeded: 2 } });
  const waiting = await Promise.all(ids.map((id) => fleet.until(id, () => true)));
  expect(waiting.map(({ status }) => status)).toEqual(["expanding", ...Array(JOBS - 1).fill("pending")]);

  speaks.resolve();
  const ended = await Promise.all(ids.map((id) => fleet.ended(id)));
  expect(ended.map(({ status }) => status)).toEqual(Array(JOBS).fill("completed"));
  const begun = ended.map(({ startedAt }) => startedAt!.getTime());
  expect(begun).toEqual(begun.toSorted((a, b) => a - b));
}, 60_000);
