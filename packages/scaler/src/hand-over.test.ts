import { DEFAULT_ALERT_SETTINGS, DEFAULT_RULE, type Fleet, silentLog } from "@bee/core";
import { AllQueues, FleetRegistry, LossMark, openRedis, type Redis, visitId } from "@bee/queue";
import { workerReport } from "@bee/queue/testing";
import {
  addPages,
  beginExpansion,
  createKey,
  type Database,
  ensureDomain,
  finishExpansion,
  getJob,
  insertJob,
  openDatabase,
  pauseJob,
  readAlertBoard,
} from "@bee/store";
import { freshDatabase, freshRedis, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Alerts } from "./alerts/alerts.ts";
import { AlertReadings } from "./alerts/readings.ts";
import { HandOver } from "./hand-over.ts";
import { Reconciler } from "./reconciler.ts";

const EU = { region: "eu", workerClass: "general" };
const EU_LARGE = { region: "eu", workerClass: "high-capacity" };
const US = { region: "us", workerClass: "general" };

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let queues: AllQueues;
let registry: FleetRegistry;
let keyId: string;
let handOver: HandOver;
let reconciler: Reconciler;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 4, name: "test", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new AllQueues(redis);
  registry = new FleetRegistry(redis);
  keyId = (await createKey(db, "test", "standard")).key.id;
});
beforeEach(async () => {
  await redis.flushall();
  await db.deleteFrom("jobs").execute();
  await db.deleteFrom("domains").execute();
  const log = silentLog;
  handOver = new HandOver({ db, registry, queues, home: US, book: {}, log });
  const lossMark = new LossMark(redis);
  await lossMark.mark((await lossMark.find())!);
  reconciler = new Reconciler(db, queues, lossMark, log);
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), server.stop()]);
});

const comesUp = (fleet: Fleet) =>
  registry.report(workerReport({ id: fleet.region, region: fleet.region, class: fleet.workerClass }), 1);

/** What the leader does at each look. */
async function look(): Promise<number> {
  const moved = await handOver.runOnce();
  await reconciler.runOnce();
  return moved;
}

async function seedJob(domain: string, fleet: Fleet): Promise<string> {
  const domainId = await ensureDomain(db, domain, { ...DEFAULT_RULE, source: "default" });
  const options = {
    maxPages: 10,
    useSitemap: true,
    followLinks: false,
    include: [],
    exclude: [],
    verify: "all" as const,
  };
  const job = { keyId, url: `https://${domain}/`, domainId, tier: "normal" as const, options, ...fleet };
  return (await insertJob(db, { ...job, webhookUrl: null, idempotency: null })).id;
}

/** A job of three pages, of which one is released, into the queues of its fleet. */
async function startJob(domain: string, fleet: Fleet): Promise<{ job: string; page: string }> {
  const job = await seedJob(domain, fleet);
  await beginExpansion(db, job);
  const pages = ["/", "/a", "/b"].map((path) => ({
    url: `https://${domain}${path}`,
    foundOn: null,
    disallowedBy: null,
  }));
  const { release } = await addPages(db, job, domain, pages);
  await queues.dispatch(release);
  await queues.dispatch(await finishExpansion(db, job, domain, []));
  return { job, page: release.visits[0]!.task.page };
}

const waitingIn = async (fleet: Fleet) =>
  queues.of(fleet).queues.normal.getJobs(["waiting", "delayed", "active"]);
const idsIn = async (fleet: Fleet) => (await waitingIn(fleet)).map(({ id }) => id);

test("the jobs of a fleet without workers go to another at the second look, with the pages that wait in its queues", async () => {
  const { job, page } = await startJob("down.test", EU);
  await comesUp(US);
  expect(await idsIn(EU)).toEqual([visitId(page, 1)]);
  expect(await look()).toBe(0);
  expect(await look()).toBe(1);
  expect(await idsIn(EU)).toEqual([]);
  expect(await idsIn(US)).toEqual([visitId(page, 2)]);
  expect(await getJob(db, job)).toMatchObject({
    ...US,
    routing: "eu/general has no worker left; us is the only region with workers",
    counts: { total: 3, pending: 2, released: 1 },
  });
  expect(await look()).toBe(0);
});

test("a job that was to be expanded there is expanded elsewhere", async () => {
  const job = await seedJob("unread.test", EU);
  await comesUp(US);
  await reconciler.runOnce();
  expect(await idsIn(EU)).toEqual([`expand-${job}`]);
  await look();
  await look();
  expect(await idsIn(EU)).toEqual([]);
  expect(await idsIn(US)).toEqual([`expand-${job}`]);
});

test("a paused job goes, too: whoever resumes it finds workers", async () => {
  const { job } = await startJob("paused.test", EU);
  await pauseJob(db, { id: job, domain: "paused.test" });
  await comesUp(US);
  await look();
  expect(await look()).toBe(1);
  expect(await getJob(db, job)).toMatchObject({ ...US, status: "paused" });
});

test("other workers of the same region come first", async () => {
  const { job } = await startJob("near.test", EU_LARGE);
  await Promise.all([comesUp(US), comesUp(EU)]);
  await look();
  await look();
  const routing = "eu/high-capacity has no worker left; others of its region have";
  expect(await getJob(db, job)).toMatchObject({ ...EU, routing });
});

test("a fleet whose last worker stops is not left before that one has ended, and gets no jobs of others", async () => {
  const { job } = await startJob("stopping.test", EU);
  const stops = { id: "eu", region: "eu", state: "stopping" as const };
  await registry.report(workerReport(stops), 1);
  await comesUp(US);
  for (let i = 0; i < 3; i++) expect(await look()).toBe(0);
  await Promise.all([registry.leave("eu"), registry.leave("us")]);
  await registry.report(workerReport({ ...stops, id: "us", region: "us" }), 1);
  for (let i = 0; i < 3; i++) expect(await look()).toBe(0);
  expect(await getJob(db, job)).toMatchObject(EU);
});

test("a fleet whose workers come back between two looks keeps its jobs", async () => {
  const { job, page } = await startJob("back.test", EU);
  await comesUp(US);
  await look();
  await comesUp(EU);
  expect(await look()).toBe(0);
  await registry.leave("eu");
  expect(await look()).toBe(0);
  expect(await getJob(db, job)).toMatchObject(EU);
  expect(await idsIn(EU)).toEqual([visitId(page, 1)]);
});

test("a leader that leads again looks twice, too: what it missed when it last led is long past", async () => {
  await startJob("again.test", EU);
  await comesUp(US);
  await look();
  handOver.begin();
  expect(await look()).toBe(0);
  expect(await look()).toBe(1);
});

test("while nobody lives all stays where it is", async () => {
  const { job, page } = await startJob("nobody.test", EU);
  for (let i = 0; i < 3; i++) expect(await look()).toBe(0);
  expect(await getJob(db, job)).toMatchObject(EU);
  expect(await idsIn(EU)).toEqual([visitId(page, 1)]);
});

test("what arrives in the queues of a fleet after it was left is taken out, and its pages are released elsewhere", async () => {
  const { page } = await startJob("late.test", EU);
  await comesUp(US);
  await look();
  await look();
  // A settle that had released it before dispatches it now.
  const [task] = await waitingIn(US);
  await queues.of(EU).queues.normal.add(task!.name, task!.data, { jobId: visitId(page, 1) });
  await look();
  expect(await idsIn(EU)).toEqual([]);
  expect(await idsIn(US)).toEqual([visitId(page, 2)]);
});

test("two domains' jobs of two fleets: only those of the fleet that is gone move", async () => {
  const [left, kept] = [await startJob("left.test", EU), await startJob("kept.test", US)];
  await comesUp(US);
  await look();
  expect(await look()).toBe(1);
  expect((await idsIn(US)).toSorted()).toEqual([visitId(left.page, 2), visitId(kept.page, 1)].toSorted());
});

test("a region that died is told of though another has its jobs by then, until it lives again", async () => {
  const { job } = await startJob("told.test", EU);
  await Promise.all([comesUp(EU), comesUp(US)]);
  const { region_down } = DEFAULT_ALERT_SETTINGS.alerts;
  const readings = new AlertReadings({ db, redis, registry, channels: [], log: silentLog });
  const leader = (forMs: number) => {
    const settings = { ...DEFAULT_ALERT_SETTINGS, alerts: { region_down: { ...region_down!, forMs } } };
    return new Alerts({ db, settings, read: () => readings.read(), log: silentLog });
  };
  const firing = async () => (await readAlertBoard(db)).firing.map(({ name, subject }) => [name, subject]);
  await registry.leave("eu");
  await look();
  // Its first look begins the time after which it fires.
  const alerts = leader(1);
  await alerts.runOnce();
  await look();
  expect(await getJob(db, job)).toMatchObject(US);
  await alerts.runOnce();
  expect(await firing()).toEqual([["region_down", "eu"]]);
  await comesUp(EU);
  await leader(0).runOnce();
  expect(await firing()).toEqual([]);
});
