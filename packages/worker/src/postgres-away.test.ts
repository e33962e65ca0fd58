import { html, RecordingLog, robotsTxt, type Site, sitemapOf, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

const PATHS = ["/", ...Array.from({ length: 60 }, (_, i) => `/page-${i}`)];
/** Slow enough for the job to last through an outage. */
const RULE = { requestsPerSecond: 20, burst: 1, concurrency: 5 };
const HOSTS = ["held.test", "stopped.test"];

const log = new RecordingLog();
let web: Web;
let fleet: TestFleet;

function site(host: string): Site {
  const pages: Site["pages"] = {
    "/robots.txt": robotsTxt("User-agent: *", "Allow: /"),
    "/sitemap.xml": () => sitemapOf(PATHS.map((path) => web.url(host, path))),
  };
  for (const path of PATHS) pages[path] = html(path);
  return { pages };
}

beforeAll(async () => {
  web = await startWeb({ hosts: Object.fromEntries(HOSTS.map((host) => [host, site(host)])) });
  fleet = await startFleet({ rules: { default: RULE }, log });
});
afterAll(async () => {
  await fleet.stop();
  await web.stop();
});

const asked = (host: string) => web.logOf(host).entries.filter(({ path }) => PATHS.includes(path));

/** Cuts Postgres off in the middle of a job, and resolves when all workers have noticed. */
async function cutOff(host: string): Promise<string> {
  const job = await fleet.submit({ url: web.url(host) });
  await fleet.until(job, ({ counts }) => counts.succeeded >= 10);
  const noticed = log.next("Postgres is away; taking no tasks until it is back");
  await fleet.postgres.cut();
  await noticed;
  return job;
}

test("what was visited while Postgres went away is recorded when it is back, and not visited again", async () => {
  const job = await cutOff("held.test");
  const back = log.next("Postgres is back");
  await fleet.postgres.mend();
  await back;
  const { status, counts } = await fleet.ended(job);
  expect({ status, succeeded: counts.succeeded }).toEqual({ status: "completed", succeeded: PATHS.length });
  expect(
    asked("held.test")
      .map(({ path }) => path)
      .sort(),
  ).toEqual([...PATHS].sort());
});

test("workers that are stopped while Postgres is away end, and others carry on what they had", async () => {
  const job = await cutOff("stopped.test");
  await fleet.resize(0);
  await fleet.postgres.mend();
  await fleet.resize(3);
  const { status, counts } = await fleet.ended(job);
  expect({ status, succeeded: counts.succeeded }).toEqual({ status: "completed", succeeded: PATHS.length });
});
