import { ALERT_NAMES, type AlertReading, type AlertSettings, DEFAULT_ALERT_SETTINGS } from "@bee/core";
import { createKey, createWebhook, type Database, listAlerts, openDatabase } from "@bee/store";
import { freshDatabase, RecordingLog, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { Alerts } from "./alerts.ts";
import type { Readings } from "./readings.ts";

let store: TestStore;
let db: Database;
let log: RecordingLog;

beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 2, name: "test", log: new RecordingLog() });
});
afterAll(async () => {
  await db.destroy();
  await store.stop();
});
beforeEach(async () => {
  log = new RecordingLog();
  await db.deleteFrom("alerts").execute();
});

const channels = {
  chat: { type: "slack", url: "http://127.0.0.1:9/" },
  pager: { type: "slack", url: "http://127.0.0.1:9/" },
} as const;

/** All alerts as by default, but without their time; they tell two channels. */
const SETTINGS: AlertSettings = {
  ...DEFAULT_ALERT_SETTINGS,
  channels,
  alerts: Object.fromEntries(
    Object.entries(DEFAULT_ALERT_SETTINGS.alerts).map(([name, rule]) => [
      name,
      { ...rule, forMs: 0, channels: Object.keys(channels) },
    ]),
  ),
};

const nothing = Object.fromEntries(ALERT_NAMES.map((name) => [name, []])) as unknown as Readings;
const depth = (value: number): Partial<Readings> => ({
  queue_depth_high: [{ subject: "", value, detail: `${value} tasks` }],
});
const one = (subject: string, value: number): AlertReading => ({
  subject,
  value,
  detail: `${subject}: ${value}`,
});

/** A leader, and what it reads. */
function leader(settings = SETTINGS) {
  let readings: Readings = nothing;
  const alerts = new Alerts({ db, settings, read: async () => readings, log });
  return (more: Partial<Readings>) => {
    readings = { ...nothing, ...more };
    return alerts.runOnce();
  };
}

/** What each channel is told, in order. */
async function told(channel = "pager"): Promise<string[]> {
  const rows = await db
    .selectFrom("alert_messages")
    .select("body")
    .where("channel", "=", channel)
    .orderBy("id")
    .execute();
  return rows.map(({ body }) => {
    const { type, data } = body as { type: string; data: { name: string; subject: string } };
    return [type, data.name, data.subject].filter((part) => part !== "").join(" ");
  });
}

test("tells every channel once when it fires and once when it is over, and the log in words", async () => {
  const reads = leader();
  for (const value of [0, 6_000, 7_000, 3_000, 9_000, 100, 0]) await reads(depth(value));
  const both = ["alert.firing queue_depth_high", "alert.resolved queue_depth_high"];
  expect([await told("pager"), await told("chat")]).toEqual([both, both]);
  expect(log.of("an alert fires").map(({ fields }) => fields)).toEqual([
    {
      alert: "queue_depth_high",
      severity: "warning",
      detail: "6000 tasks",
      reading: 6_000,
      threshold: 5_000,
    },
  ]);
  expect(log.of("an alert is over").map(({ fields }) => fields?.["detail"])).toEqual(["100 tasks"]);
});

test("a leader that follows another does not tell again what fires, and tells its end", async () => {
  await leader()(depth(6_000));
  const next = leader();
  await next(depth(6_000));
  expect(await told()).toEqual(["alert.firing queue_depth_high"]);
  await next(depth(0));
  expect(await told()).toEqual(["alert.firing queue_depth_high", "alert.resolved queue_depth_high"]);
});

test("for how long a reading asked for a change when its leader last led does not count", async () => {
  const rule = { ...SETTINGS.alerts.queue_depth_high!, forMs: 1 };
  const settings = { ...SETTINGS, alerts: { ...SETTINGS.alerts, queue_depth_high: rule } };
  const read = async () => ({ ...nothing, ...depth(6_000) });
  const alerts = new Alerts({ db, settings, read, log });
  await alerts.runOnce();
  alerts.begin();
  await alerts.runOnce();
  expect(await told()).toEqual([]);
  await alerts.runOnce();
  expect(await told()).toEqual(["alert.firing queue_depth_high"]);
});

test("two that believe to lead tell it once", async () => {
  const [a, b] = [leader(), leader()];
  await Promise.all([a(depth(6_000)), b(depth(6_000))]);
  expect(await told()).toEqual(["alert.firing queue_depth_high"]);
  expect(log.of("an alert fires")).toHaveLength(1);
});

test("reminds an hour after the last word, whoever leads", async () => {
  await leader()(depth(6_000));
  const hourAgo = new Date(Date.now() - 3_600_000);
  await db.updateTable("alerts").set({ told_at: hourAgo }).execute();
  const next = leader();
  await next(depth(6_000));
  await next(depth(6_000));
  expect(await told()).toEqual(["alert.firing queue_depth_high", "alert.reminder queue_depth_high"]);
});

test("each region fires for itself, and is over when it has no jobs any more", async () => {
  const reads = leader();
  await reads({ region_down: [one("eu", 2), one("us", 0)] });
  await reads({ region_down: [one("eu", 2), one("us", 1)] });
  await reads({ region_down: [one("us", 1)] });
  expect(await told()).toEqual([
    "alert.firing region_down eu",
    "alert.firing region_down us",
    "alert.resolved region_down eu",
  ]);
  const [newest] = await listAlerts(db, { state: "resolved", limit: 1 });
  expect(newest).toMatchObject({ subject: "eu", reading: 0, detail: "no longer: eu: 2" });
});

test("what cannot be read is not over", async () => {
  const reads = leader();
  await reads(depth(6_000));
  await reads({ queue_depth_high: null });
  await reads(depth(6_000));
  expect(await told()).toEqual(["alert.firing queue_depth_high"]);
});

test("that a channel fails is told to the others", async () => {
  await leader()({ webhook_failing: [one("pager", 3)] });
  expect([await told("pager"), await told("chat")]).toEqual([[], ["alert.firing webhook_failing pager"]]);
  expect(log.of("an alert fires")).toHaveLength(1);
});

test("what is watched no more fires no more, and nobody is told, no operator's webhook either", async () => {
  const { id: keyId } = (await createKey(db, "ops", "operator")).key;
  const events = ["alert.firing", "alert.resolved"] as const;
  await createWebhook(db, { keyId, url: "http://127.0.0.1:9/", events });
  await leader()(depth(6_000));
  const { queue_depth_high: _, ...alerts } = SETTINGS.alerts;
  await leader({ ...SETTINGS, alerts })(depth(6_000));
  expect(await listAlerts(db, { state: "firing", limit: 10 })).toEqual([]);
  expect(await told()).toEqual(["alert.firing queue_depth_high"]);
  const deliveries = await db.selectFrom("webhook_deliveries").select("type").execute();
  expect(deliveries).toEqual([{ type: "alert.firing" }]);
});
