import { type Config, DEFAULT_RULE, type JobOptions, parseConfig, silentLog } from "@bee/core";
import { openRedis, Queues, type Redis } from "@bee/queue";
import {
  createKey,
  type Database,
  ensureDomain,
  getJob,
  insertJob,
  listPages,
  openDatabase,
  readTallies,
} from "@bee/store";
import {
  type DemoSite,
  freshDatabase,
  freshRedis,
  mostInFlight,
  startDemoSite,
  type TestRedis,
  type TestStore,
  worstExcess,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type RunningWorker, startWorker } from "./worker.ts";

let database: TestStore;
let redisServer: TestRedis;
let db: Database;
let redis: Redis;
let queues: Queues;
let site: DemoSite;
let keyId: string;
let config: Config;
const workers: RunningWorker[] = [];

beforeAll(async () => {
  [database, redisServer, site] = await Promise.all([
    freshDatabase(),
    freshRedis(),
    startDemoSite({ slowMs: 300 }),
  ]);
  db = openDatabase({ url: database.url, connections: 4, name: "test", log: silentLog });
  redis = openRedis({ url: redisServer.url, name: "test", log: silentLog });
  queues = new Queues(redis, "default", "general");
  keyId = (await createKey(db, "test", "standard")).key.id;
  config = parseConfig({ BEE_ALLOW_PRIVATE: "127.0.0.0/8", BEE_RESOLVE: "*.test=127.0.0.1" }, () => "");
  for (let i = 0; i < 3; i++) {
    workers.push(
      await startWorker({
        config,
        databaseUrl: database.url,
        redisUrl: redisServer.url,
        log: silentLog,
        owner: null,
      }),
    );
  }
});
afterAll(async () => {
  for (const worker of workers) await worker.stop();
  await queues.close();
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), redisServer.stop(), site.stop()]);
});

const JITTER_MS = 50;

const OPTIONS: JobOptions = {
  maxPages: 500,
  useSitemap: true,
  followLinks: false,
  include: [],
  exclude: [],
  verify: "all",
};

async function submit(url: string, domain: string, rule = DEFAULT_RULE): Promise<string> {
  const domainId = await ensureDomain(db, domain, { ...rule, source: "owner" });
  const { id } = await insertJob(db, {
    keyId,
    url,
    domainId,
    tier: "normal",
    region: "default",
    options: OPTIONS,
    webhookUrl: null,
    idempotency: null,
  });
  await queues.addExpansion(id, "normal");
  return id;
}

async function ended(id: string) {
  for (;;) {
    const job = (await getJob(db, id))!;
    if (job.status === "completed" || job.status === "failed") return job;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test("three workers warm the demo site, right to the page, and the site's log shows the rule kept", async () => {
  const rule = { requestsPerSecond: 20, burst: 10, concurrency: 5 };
  const id = await submit(site.url, "garden.test", rule);
  const job = await ended(id);
  const { expected } = site;
  expect(job).toMatchObject({
    status: "completed",
    failure: null,
    warnings: [],
    counts: { total: expected.pages },
  });
  const tallies = (await readTallies(db, [id])).get(id)!;
  expect(tallies.outcomes).toEqual(
    Object.fromEntries(Object.entries(expected.outcomes).filter(([, n]) => n > 0)),
  );
  expect(tallies.cache).toEqual(
    Object.fromEntries(Object.entries(expected.firstRun).filter(([, n]) => n > 0)),
  );
  const pages = await listPages(db, id, { limit: 200 });
  for (const page of expected.each) {
    expect(pages.find(({ url }) => url === page.url)).toMatchObject({
      outcome: page.outcome,
      cache: page.firstRun,
      redirects: page.redirects.map(({ to }) => to),
    });
  }
  await site.log.idle();
  // Requests compressed on their way: connecting and the target's own event loop take some milliseconds.
  expect(worstExcess(site.log.entries, rule, JITTER_MS)).toBeLessThanOrEqual(0);
  expect(mostInFlight(site.log.entries)).toBeLessThanOrEqual(rule.concurrency);
}, 60_000);
