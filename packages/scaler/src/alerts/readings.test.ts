import { ALERT_NAMES, type Plan, silentLog } from "@bee/core";
import { FleetRegistry, openRedis, type Redis } from "@bee/queue";
import { scalingReport, workerReport } from "@bee/queue/testing";
import {
  changeAlert,
  createKey,
  createWebhook,
  type Database,
  nextAlertMessages,
  noteUndelivered,
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
import { AlertReadings } from "./readings.ts";

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let registry: FleetRegistry;
const log = new RecordingLog();

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 2, name: "test", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  registry = new FleetRegistry(redis);
});
afterAll(async () => {
  redis.disconnect();
  await Promise.all([database.stop(), server.stop()]);
});

const readings = () =>
  new AlertReadings({
    db,
    redis,
    registry,
    channels: ["pager"],
    log,
  });

/** A webhook of a new key that has not taken so many tries. */
async function failWebhook(plan: Plan, failures: string): Promise<string> {
  const { key } = await createKey(db, plan, plan);
  const { webhook } = await createWebhook(db, {
    ...{ keyId: key.id, url: "https://hook.example/T0KEN", events: ["job.completed"] },
  });
  await runSql(
    database.url,
    `update webhooks set failure = 'answered 500', failures = ${failures} where id = '${webhook.id}'`,
  );
  return webhook.id;
}

test("reads what the stores know of the fleet", async () => {
  await redis.config("SET", "maxmemory", "100mb");
  await registry.report(workerReport({ p95Ms: 700, visits: { ok: 60, broken: 40 } }), 1);
  const eu = { region: "eu", workerClass: "general" };
  await registry.reportScaling(eu, scalingReport({ runnable: { tasks: 1, oldestMs: 70 } }));
  const us = { region: "us", workerClass: "general" };
  await registry.reportScaling(us, scalingReport({ troubles: { failedStarts: 3, stuck: 1 } }));
  const alert = { name: "no_progress", subject: "", severity: "critical", threshold: 0, detail: "" } as const;
  await changeAlert(db, { ...alert, event: "firing", reading: 1, toldAt: null, channels: ["pager"] });
  const [message] = await nextAlertMessages(db, ["pager"]);
  await noteUndelivered(db, message!.id, "answered 500", 0);
  const [operators, users, disabled] = [
    await failWebhook("operator", "2"),
    await failWebhook("standard", "9"),
    await failWebhook("standard", "12, disabled_at = now()"),
  ];

  const read = await readings().read();
  const values = ALERT_NAMES.map((name) => [name, read[name]?.map(({ subject, value }) => [subject, value])]);
  expect(Object.fromEntries(values)).toEqual({
    queue_depth_high: [["", 1]],
    response_time_high: [["", 700]],
    error_rate_high: [["", 0.4]],
    worker_crash_loop: expect.arrayContaining([
      ["eu/general", 0],
      ["us/general", 3],
    ]),
    worker_stuck: expect.arrayContaining([
      ["eu/general", 0],
      ["us/general", 1],
    ]),
    no_progress: [["", 0]],
    redis_memory_high: [["", expect.any(Number)]],
    region_down: [],
    webhook_failing: [
      ["pager", 1],
      [operators, 2],
      [disabled, 12],
    ],
  });
  // What a user's receiver does is the user's, until it is switched off.
  expect(JSON.stringify(read)).not.toContain(users);
  expect(read.webhook_failing?.map(({ detail }) => detail)).toEqual([
    "channel pager did not take 1 try in a row: answered 500",
    "the webhook at hook.example did not take 2 tries in a row: answered 500",
    "the webhook at hook.example did not take 12 tries in a row and is disabled: answered 500",
  ]);
  const memory = read.redis_memory_high![0]!.value;
  expect(memory).toBeGreaterThan(0.001);
  expect(memory).toBeLessThan(0.5);
});

test("what one store does not tell is unknown, and the rest is read", async () => {
  await db.destroy();
  const read = await readings().read();
  const unknown = ALERT_NAMES.filter((name) => read[name] === null);
  expect(unknown).toEqual(["no_progress", "region_down", "webhook_failing"]);
  expect(read.queue_depth_high).toHaveLength(1);
  expect(log.of("alerts could not be judged")).toHaveLength(4);
});
