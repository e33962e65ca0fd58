import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { nextAlertMessages, noteDelivered, noteUndelivered, readFailingChannels } from "./alert-messages.ts";
import { type AlertChange, changeAlert, listAlerts, pruneAlerts, readAlertBoard } from "./alerts.ts";
import type { Database } from "./database.ts";
import { openFixture } from "./testing/fixtures.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openFixture());
});
afterAll(() => close());
beforeEach(async () => {
  await db.deleteFrom("alerts").execute();
});

const change = (more: Partial<AlertChange> = {}): AlertChange => ({
  event: "firing",
  name: "queue_depth_high",
  subject: "",
  severity: "warning",
  reading: 6_000,
  threshold: 5_000,
  detail: "6,000 tasks wait",
  toldAt: null,
  channels: ["pager"],
  ...more,
});
const firing = async () => (await readAlertBoard(db)).firing;
const head = async () => (await nextAlertMessages(db, ["pager"]))[0];

test("of two leaders that fire one alert at the same moment one does, and its channels are told once", async () => {
  const fired = await Promise.all([changeAlert(db, change()), changeAlert(db, change())]);
  expect(fired.filter((alert) => alert !== undefined)).toHaveLength(1);
  const messages = await db.selectFrom("alert_messages").selectAll().execute();
  expect(messages.map(({ channel }) => channel)).toEqual(["pager"]);
});

test("one alert of each subject may fire, and again when it is over", async () => {
  for (const subject of ["eu", "us", "eu"]) await changeAlert(db, change({ subject }));
  expect((await firing()).map(({ subject }) => subject)).toEqual(["eu", "us"]);
  const { toldAt } = (await firing())[0]!;
  expect(
    await changeAlert(db, change({ event: "resolved", subject: "eu", reading: 1, toldAt })),
  ).toMatchObject({
    reading: 1,
    resolvedAt: expect.any(Date),
  });
  expect((await firing()).map(({ subject }) => subject)).toEqual(["us"]);
  expect(await changeAlert(db, change({ subject: "eu" }))).toBeDefined();
});

test.each(["reminder", "resolved"] as const)("of two leaders that see a %s one tells it", async (event) => {
  await changeAlert(db, change());
  const { toldAt } = (await firing())[0]!;
  // The clock of the database must have moved, as it has when an hour is over.
  await db
    .selectFrom("alerts")
    .select(({ fn, val }) => fn("pg_sleep", [val(0.002)]).as("slept"))
    .execute();
  const told = await Promise.all([
    changeAlert(db, change({ event, toldAt })),
    changeAlert(db, change({ event, toldAt })),
  ]);
  expect(told.filter((alert) => alert !== undefined)).toHaveLength(1);
});

test("lists the newest first, those that fire or those that are over", async () => {
  for (const subject of ["a", "b", "c"]) await changeAlert(db, change({ subject }));
  const { toldAt } = (await firing()).find(({ subject }) => subject === "b")!;
  await changeAlert(db, change({ event: "resolved", subject: "b", toldAt }));
  const subjects = async (filter: Partial<Parameters<typeof listAlerts>[1]>) =>
    (await listAlerts(db, { limit: 10, ...filter })).map(({ subject }) => subject);
  expect(await subjects({})).toEqual(["c", "b", "a"]);
  expect(await subjects({ state: "firing" })).toEqual(["c", "a"]);
  expect(await subjects({ state: "resolved" })).toEqual(["b"]);
  const [newest] = await listAlerts(db, { limit: 1 });
  expect(await subjects({ before: newest!.id })).toEqual(["b", "a"]);
});

test("forgets what was over long ago, and nothing that fires", async () => {
  for (const subject of ["over", "fires"]) await changeAlert(db, change({ subject }));
  await db.updateTable("alerts").set({ fired_at: "2020-01-01" }).execute();
  await db.updateTable("alerts").set({ resolved_at: "2020-01-02" }).where("subject", "=", "over").execute();
  await pruneAlerts(db, 30);
  expect((await listAlerts(db, { limit: 10 })).map(({ subject }) => subject)).toEqual(["fires"]);
});

describe("messages", () => {
  test("a channel is told one after the other, each the same at each try", async () => {
    await changeAlert(db, change({ subject: "first" }));
    await changeAlert(db, change({ subject: "second" }));
    const first = (await head())!;
    expect(first).toMatchObject({
      tries: 0,
      body: {
        type: "alert.firing",
        timestamp: expect.any(String),
        data: { subject: "first", reading: 6_000 },
      },
    });
    await noteUndelivered(db, first.id, "answered 500", 0);
    expect(await head()).toMatchObject({ id: first.id, tries: 1, body: first.body });
    await noteDelivered(db, first.id);
    const second = (await head())!;
    expect(second).toMatchObject({ body: { data: { subject: "second" } } });
    await noteUndelivered(db, second.id, "answered 500", 60_000);
    expect(await head()).toBeUndefined();
    await noteUndelivered(db, second.id, "answered 500", null);
    expect(await head()).toBeUndefined();
  });

  test("a channel that nobody has configured any more is told nothing", async () => {
    await changeAlert(db, change({ channels: ["gone", "pager"] }));
    expect((await nextAlertMessages(db, ["pager"])).map(({ channel }) => channel)).toEqual(["pager"]);
  });

  test("a channel fails from its first failed try until it takes something, given up or not", async () => {
    const failing = () => readFailingChannels(db, ["pager", "mail"]);
    await changeAlert(db, change({ subject: "one" }));
    await changeAlert(db, change({ subject: "two" }));
    expect(await failing()).toEqual([]);
    const { id } = (await head())!;
    await noteUndelivered(db, id, "answered 500", 0);
    await noteUndelivered(db, id, "answered 502", null);
    expect(await failing()).toEqual([{ channel: "pager", tries: 2, failure: "answered 502" }]);
    await noteDelivered(db, (await head())!.id);
    expect(await failing()).toEqual([]);
  });
});
