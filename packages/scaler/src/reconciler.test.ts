import { DEFAULT_RULE, silentLog } from "@bee/core";
import { AllQueues, LossMark, openRedis, type Redis } from "@bee/queue";
import {
  addPages,
  beginExpansion,
  cancelJob,
  createKey,
  type Database,
  ensureDomain,
  getJob,
  insertJob,
  openDatabase,
} from "@bee/store";
import {
  freshDatabase,
  freshRedis,
  RecordingLog,
  runSql,
  type TestRedis,
  type TestStore,
} from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Reconciler } from "./reconciler.ts";

const FLEET = { region: "default", workerClass: "general" };

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let queues: AllQueues;
let reconciler: Reconciler;
let keyId: string;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 4, name: "test", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new AllQueues(redis);
  reconciler = new Reconciler(db, queues, new LossMark(redis), silentLog);
  keyId = (await createKey(db, "test", "standard")).key.id;
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), server.stop()]);
});

async function seedJob(domain: string, maxPages = 10): Promise<string> {
  const domainId = await ensureDomain(db, domain, { ...DEFAULT_RULE, source: "default" });
  const { id } = await insertJob(db, {
    keyId,
    url: `https://${domain}/`,
    domainId,
    tier: "normal",
    region: "default",
    options: { maxPages, useSitemap: true, followLinks: false, include: [], exclude: [], verify: "all" },
    webhookUrl: null,
    idempotency: null,
  });
  return id;
}

const pageOf = (domain: string) => ({ url: `https://${domain}/`, foundOn: null, disallowedBy: null });

const expireLeases = () =>
  runSql(database.url, "update pages set lease_until = now() - interval '1 second' where state = 'released'");

test("a job whose expansion never reached Redis gets it, once", async () => {
  const id = await seedJob("lost.test");
  expect((await reconciler.runOnce()).expansions).toBe(1);
  expect(await queues.missing([{ id: `expand-${id}`, tier: "normal", ...FLEET }])).toEqual(new Set());
  expect((await reconciler.runOnce()).expansions).toBe(0);
});

test("a domain that asks for quiet gets its expansion when it opens, at once or early", async () => {
  const id = await seedJob("quiet.test");
  const close = (until: string) =>
    runSql(database.url, `update domains set closed_until = ${until} where name = 'quiet.test'`);
  await close("now() + interval '1 hour'");
  expect((await reconciler.runOnce()).expansions).toBe(0);
  await close("now()");
  expect((await reconciler.runOnce()).expansions).toBe(1);
  expect(await queues.missing([{ id: `expand-${id}`, tier: "normal", ...FLEET }])).toEqual(new Set());
});

test("a released page whose task is gone is released anew, under a new lease", async () => {
  const job = await seedJob("gone.test");
  await queues.addExpansions([{ job, tier: "normal", ...FLEET }]);
  await beginExpansion(db, job);
  const { release } = await addPages(db, job, "gone.test", [pageOf("gone.test")]);
  const { page: id } = release.visits[0]!.task;
  // The task was never put into the queue: Redis lost it.
  await expireLeases();
  expect((await reconciler.runOnce()).reclaimed).toBe(1);
  expect(await queues.missing([{ id: `page-${id}-2`, tier: "normal", ...FLEET }])).toEqual(new Set());
  expect((await getJob(db, job))!.counts).toMatchObject({ total: 1, pending: 0, released: 1 });
});

test("pages whose tasks were lost with Redis are released anew at once, whatever their leases say", async () => {
  const job = await seedJob("wiped.test");
  await queues.addExpansions([{ job, tier: "normal", ...FLEET }]);
  await beginExpansion(db, job);
  const { release } = await addPages(db, job, "wiped.test", [pageOf("wiped.test")]);
  await queues.dispatch(release);
  expect((await reconciler.runOnce()).reclaimed).toBe(0);
  await redis.flushall();
  expect((await reconciler.runOnce()).reclaimed).toBeGreaterThanOrEqual(1);
  const again = `page-${release.visits[0]!.task.page}-2`;
  expect(await queues.missing([{ id: again, tier: "normal", ...FLEET }])).toEqual(new Set());
  expect((await reconciler.runOnce()).reclaimed).toBe(0);
});

test("a page whose task still waits keeps it, whatever its lease says", async () => {
  const job = await seedJob("queued.test");
  await queues.addExpansions([{ job, tier: "normal", ...FLEET }]);
  await beginExpansion(db, job);
  const page = { url: "https://queued.test/", foundOn: null, disallowedBy: null };
  const { release } = await addPages(db, job, "queued.test", [page]);
  await queues.of(FLEET).addVisits(release.visits);
  await expireLeases();
  expect((await reconciler.runOnce()).reclaimed).toBe(0);
  expect((await reconciler.runOnce()).reclaimed).toBe(0);
});

test("a domain whose wake was lost is woken", async () => {
  const job = await seedJob("asleep.test");
  await queues.addExpansions([{ job, tier: "normal", ...FLEET }]);
  await beginExpansion(db, job);
  const page = { url: "https://asleep.test/", foundOn: null, disallowedBy: null };
  await addPages(db, job, "asleep.test", [page]);
  const sql = "update pages set state = 'pending' where url = 'https://asleep.test/'";
  await runSql(database.url, sql);
  await runSql(database.url, "update jobs set pending = 1, released = 0 where url = 'https://asleep.test/'");
  await runSql(database.url, "update domains set released = 0 where name = 'asleep.test'");
  expect((await reconciler.runOnce()).woken).toBe(1);
});

test("an order that its API process left half done is carried to its end", async () => {
  const job = await seedJob("half.test", 10_000);
  await queues.addExpansions([{ job, tier: "normal", ...FLEET }]);
  await beginExpansion(db, job);
  const pages = Array.from({ length: 5_000 }, (_, i) => ({
    url: `https://half.test/${i}`,
    foundOn: null,
    disallowedBy: null,
  }));
  await addPages(db, job, "half.test", pages);
  await cancelJob(db, { id: job, domain: "half.test" });
  expect((await getJob(db, job))!.counts.pending).toBeGreaterThan(0);
  expect((await reconciler.runOnce()).swept).toBeGreaterThan(0);
  expect((await getJob(db, job))!.counts).toMatchObject({ total: 5_000, cancelled: 5_000, pending: 0 });
  expect((await reconciler.runOnce()).swept).toBe(0);
});

test("that Redis may have lost tasks is news only where there were some", async () => {
  const log = new RecordingLog();
  const mark = new LossMark(redis);
  const afterRestart = async () => {
    await mark.mark("another server");
    await new Reconciler(db, queues, mark, log).runOnce();
  };
  await runSql(database.url, "delete from pages; update jobs set status = 'cancelled'");
  await afterRestart();
  const job = await seedJob("lossy.test");
  await beginExpansion(db, job);
  await addPages(db, job, "lossy.test", [pageOf("lossy.test")]);
  await afterRestart();
  expect(log.of("Redis may have lost tasks: looking for each")).toMatchObject([
    { level: "debug", fields: { pages: 0 } },
    { level: "info", fields: { pages: 1 } },
  ]);
});
