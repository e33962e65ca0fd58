import { DEFAULT_RULE, HEALTH_DOMAIN } from "@bee/core";
import { publishApiAddress } from "@bee/queue";
import { getJob, listJobs, submitCanary } from "@bee/store";
import { html, robotsTxt, startWeb, type Web } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { startFleet, type TestFleet } from "./testing/fleet.ts";

let api: Web;
let web: Web;
let fleet: TestFleet;

beforeAll(async () => {
  let leads = "";
  api = await startWeb({ hosts: { [HEALTH_DOMAIN]: { pages: { "/livez": { body: "ok" } } } } });
  web = await startWeb({
    hosts: {
      "curious.test": {
        pages: { "/robots.txt": () => robotsTxt("User-agent: *", `Sitemap: ${leads}`), "/": html("home") },
      },
    },
  });
  leads = api.url(HEALTH_DOMAIN, "/secrets.xml");
  fleet = await startFleet();
});
afterAll(async () => {
  await fleet.stop();
  await Promise.all([api.stop(), web.stop()]);
});
beforeEach(() =>
  publishApiAddress(fleet.redis, {
    address: "127.0.0.1",
    port: Number(new URL(api.url(HEALTH_DOMAIN)).port),
  }),
);

const paths = () => api.logOf(HEALTH_DOMAIN).entries.map(({ path }) => path);

test("the fleet's check of itself goes the whole way and asks the API", async () => {
  const rule = { ...DEFAULT_RULE, source: "default" } as const;
  const expansions = await submitCanary(fleet.db, {
    url: api.url(HEALTH_DOMAIN, "/livez"),
    home: { region: "default", workerClass: "general" },
    rule,
  });
  await fleet.queues.addExpansions(expansions);
  const job = await fleet.ended(expansions[0]!.job);
  expect(job).toMatchObject({ status: "completed", tier: "critical", counts: { total: 1, succeeded: 1 } });
  expect(paths()).toEqual(["/robots.txt", "/livez"]);
});

test("no site leads a worker to the API", async () => {
  const before = paths();
  const id = await fleet.submit({ url: web.url("curious.test") });
  await fleet.ended(id);
  expect((await getJob(fleet.db, id))!.warnings.join()).toContain(
    "expected a public site, got health.internal",
  );
  expect(paths()).toEqual(before);
  expect(await listJobs(fleet.db, { limit: 10, domain: HEALTH_DOMAIN })).toHaveLength(1);
});
