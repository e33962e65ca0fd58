import { freshDatabase, freshRedis, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { type BeeProcess, SIMULATED_WEB, startBee } from "../harness/bee-process.ts";
import { Stalls } from "../harness/stalls.ts";
import { Api } from "./api.ts";
import { Crew } from "./crew.ts";
import { Load } from "./load.ts";
import { Watch } from "./watch.ts";

// Twenty-five processes start, on a machine that may have two cores and other tests to run.
jest.setTimeout(240_000);

const KEY = "an-operator-of-this-test";
/** By the law, with one worker as the minimum and two more for each further job. */
const MANY = 13; // asks for 25
const SOME = 3; // asks for 5
const FEW = 2; // asks for 3
const PATIENCE_MS = 120_000;

let database: TestStore;
let redis: TestRedis;
let crew: Crew;
/** A worker that was started by hand: it counts, so the scaler has one less. */
let byHand: BeeProcess;
let stalls: Stalls;
let load: Load;
let watch: Watch;

beforeAll(async () => {
  [database, redis] = await Promise.all([freshDatabase(), freshRedis()]);
  stalls = new Stalls(redis.url);
  const stores = { DATABASE_URL: database.url, REDIS_URL: redis.url };
  crew = new Crew("churn", {
    ...stores,
    BEE_ADMIN_KEY: KEY,
    BEE_PORT: "0",
    BEE_MIN_WORKERS: "1",
    BEE_MAX_WORKERS: "25",
    BEE_WORKERS_PER_JOB: "2",
    BEE_SCALE_DOWN_DELAY: "1s",
  });
  const api = new Api((await crew.start("api")).url!, KEY);
  const hosts = Array.from({ length: MANY }, (_, n) => `site${n}.test`);
  load = await Load.start(api, hosts, 3_000);
  byHand = await startBee("worker", { ...SIMULATED_WEB, ...stores });
  watch = new Watch(api, crew, () => {});
  watch.start();
});

afterAll(async () => {
  await watch.stop();
  await crew.stop();
  byHand.kill("SIGTERM");
  await byHand.exited;
  await load.stop();
  await stalls.stop();
  await Promise.all([redis.stop(), database.stop()]);
});

/** So many workers in all. */
const atWork = (workers: number) =>
  watch.first(({ going, working }) => going === workers - 1 && working === workers - 1, PATIENCE_MS);

test("when the leader is killed another one takes over its workers, also those not heard of yet, and starts none twice", async () => {
  await crew.start("scaler");
  expect(await atWork(1)).not.toBeNull();
  await crew.start("scaler");
  await load.have(FEW);
  const { process: leader, from: counted } = await crew.decision(3);
  expect(counted).toBe(1);
  process.kill(leader.pid, "SIGKILL");
  await load.have(SOME);
  expect(await atWork(5)).not.toBeNull();
  const { from, process: next } = await crew.decision(5);
  expect(from).toBe(3);
  expect(next.pid).not.toBe(leader.pid);
  expect(crew.everyWorker).toHaveLength(4);
});

test("from a few workers to 25 and to 3 under load: no page is lost or fetched twice, and no task stalls", async () => {
  await load.have(MANY);
  expect(await atWork(25)).not.toBeNull();
  await load.known();
  const before = crew.living();
  await load.have(FEW);
  expect(await atWork(3)).not.toBeNull();
  // The last of those that were retired finishes or hands back what it has.
  await crew.untilLiving(2);
  const retired = before.filter((pid) => !crew.living().includes(pid));
  expect(retired).toHaveLength(22);
  const stopped = new Set(crew.heard("stopped").map((line) => line.process.pid));
  expect(retired.filter((pid) => !stopped.has(pid))).toEqual([]);

  const { pages, ...faults } = await load.settle();
  expect(pages).toBeGreaterThan(500);
  expect(faults).toEqual({ twice: [], unrecorded: 0, incomplete: [] });
  expect(stalls.tasks).toBe(0);
  expect(crew.everyWorker).toHaveLength(24);
});
