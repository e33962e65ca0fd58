import { DEFAULT_ALERT_SETTINGS, parseConfig, silentLog } from "@bee/core";
import { openRedis, Queues, type Redis } from "@bee/queue";
import { type Database, openDatabase, readAlertBoard } from "@bee/store";
import { freshDatabase, freshRedis, RecordingLog, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { startScaler } from "../scaler.ts";
import { openMailInbox, openWebhookInbox } from "../testing/receivers.ts";

let database: TestStore;
let server: TestRedis;
let db: Database;
let redis: Redis;
let queues: Queues;

beforeAll(async () => {
  [database, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: database.url, connections: 1, name: "test", log: silentLog });
  redis = openRedis({ url: server.url, name: "test", log: silentLog });
  queues = new Queues(redis, "default", "general");
});
afterAll(async () => {
  await queues.close();
  redis.disconnect();
  await db.destroy();
  await Promise.all([database.stop(), server.stop()]);
});

const neverSpawn = () => {
  throw new Error("expected no worker to be spawned");
};

// Two leaders, one after the other, on a machine that may be busy.
jest.setTimeout(60_000);

test("a full queue is told once when it fires and once when it is over, across two leaders", async () => {
  const [hook, mail] = await Promise.all([openWebhookInbox(), openMailInbox()]);
  const watched = {
    severity: "warning",
    above: 2,
    backTo: 1,
    forMs: 0,
    channels: ["hook", "mail"],
  } as const;
  const config = {
    ...parseConfig({ BEE_SCALE_DRIVER: "external", BEE_MIN_WORKERS: "0" }, () => ""),
    alerts: {
      ...DEFAULT_ALERT_SETTINGS,
      channels: {
        hook: { type: "webhook", url: hook.url, secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" },
        mail: { type: "email", smtp: mail.url, from: "bee@example.com", to: ["ops@example.com"] },
      } as const,
      alerts: { queue_depth_high: watched },
    },
  };
  const stores = { databaseUrl: database.url, redisUrl: server.url };
  const start = (log: RecordingLog) =>
    startScaler({ config, ...stores, log, owner: "test", spawnWorker: neverSpawn });

  const tasks = ["a", "b", "c"].map((name) => ({ job: `job-${name}`, tier: "normal" }) as const);
  await queues.addExpansions(tasks);
  const first = await start(new RecordingLog());
  await Promise.all([hook.atLeast(1), mail.atLeast(1)]);
  const delivered = () =>
    db.selectFrom("alert_messages").select("id").where("delivered", "=", true).execute();
  while ((await delivered()).length < 2);
  await first.stop();

  const log = new RecordingLog();
  const over = log.next("an alert is over");
  const second = await start(log);
  await queues.queues.normal.drain();
  await over;
  await Promise.all([hook.atLeast(2), mail.atLeast(2)]);
  await second.stop();

  expect(hook.received.map(({ body }) => JSON.parse(body).type)).toEqual(["alert.firing", "alert.resolved"]);
  const subjects = mail.received.map((text) => /^Subject: (.*)\r$/m.exec(text)?.[1]);
  expect(subjects).toEqual([
    "Blue Banded Bee: [warning] queue_depth_high fires",
    expect.stringMatching(/^Blue Banded Bee: \[resolved\] queue_depth_high is over/),
  ]);
  expect((await readAlertBoard(db)).firing).toEqual([]);
  await Promise.all([hook.close(), mail.close()]);
});
