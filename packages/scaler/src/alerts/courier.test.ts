import { setImmediate } from "node:timers/promises";
import { type ChannelSettings, signWebhook, WEBHOOK_VERSION } from "@bee/core";
import {
  changeAlert,
  type Database,
  nextAlertMessages,
  openDatabase,
  readAlertBoard,
  readFailingChannels,
} from "@bee/store";
import { freshDatabase, RecordingLog, runSql, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { openMailInbox, openSilentServer, openWebhookInbox } from "../testing/receivers.ts";
import { Courier } from "./courier.ts";
import { openChannel } from "./open-channel.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
let store: TestStore;
let db: Database;
const log = new RecordingLog();

beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 3, name: "test", log });
});
afterAll(async () => {
  await db.destroy();
  await store.stop();
});
beforeEach(async () => {
  await db.deleteFrom("alerts").execute();
});

function courierOf(channels: Readonly<Record<string, ChannelSettings>>): Courier {
  const open = Object.entries(channels).map(([name, settings]) => [name, openChannel(settings)] as const);
  return new Courier({ db, channels: new Map(open), log });
}

/** One run, with the rounds that it starts. */
async function bringAll(courier: Courier): Promise<void> {
  await courier.runOnce();
  await courier.idle();
}

const webhook = (url: string): ChannelSettings => ({ type: "webhook", url, secret: SECRET });

const fire = (channels: readonly string[], subject = "eu") =>
  changeAlert(db, {
    event: "firing",
    name: "region_down",
    subject,
    severity: "critical",
    reading: 2,
    threshold: 0,
    detail: "no worker lives in <eu> & it has 2 jobs",
    toldAt: null,
    channels,
  });

async function resolve(channels: readonly string[]): Promise<void> {
  const { toldAt, ...alert } = (await readAlertBoard(db)).firing[0]!;
  await changeAlert(db, { ...alert, event: "resolved", toldAt, channels });
}

/** As if the pause before the next try were over. */
const becomeDue = () =>
  db
    .updateTable("alert_messages")
    .set({ due_at: new Date(0) })
    .execute();

test("a webhook is signed, names what happened, and a second try has the same id and body", async () => {
  let status = 500;
  const inbox = await openWebhookInbox(() => status);
  const courier = courierOf({ pager: webhook(inbox.url) });
  const alert = await fire(["pager"]);
  await bringAll(courier);
  await bringAll(courier);
  expect(inbox.received).toHaveLength(1);
  status = 200;
  await becomeDue();
  await bringAll(courier);
  await bringAll(courier);
  expect(inbox.received).toHaveLength(2);
  const [first, second] = inbox.received;
  for (const { headers, body } of inbox.received) {
    const id = String(headers["webhook-id"]);
    const timestamp = Number(headers["webhook-timestamp"]);
    expect(headers).toMatchObject(signWebhook(SECRET, { id, timestamp, body }));
    expect(headers["content-type"]).toBe("application/json");
    expect(Math.abs(Date.now() / 1_000 - timestamp)).toBeLessThan(300);
  }
  expect(second!.headers["webhook-id"]).toBe(first!.headers["webhook-id"]);
  expect(second!.body).toBe(first!.body);
  expect(JSON.parse(first!.body)).toEqual({
    type: "alert.firing",
    version: WEBHOOK_VERSION,
    timestamp: expect.stringMatching(/^\d{4}-.*(Z|\+00:00)$/),
    data: JSON.parse(JSON.stringify(alert)),
  });
  await inbox.close();
});

test("Slack gets a text in which nothing is a link or a mention", async () => {
  const inbox = await openWebhookInbox();
  await fire(["chat"]);
  await bringAll(courierOf({ chat: { type: "slack", url: inbox.url } }));
  expect(JSON.parse(inbox.received[0]!.body)).toEqual({
    text: "*[critical] region_down (eu) fires*\nno worker lives in &lt;eu&gt; &amp; it has 2 jobs",
  });
  await inbox.close();
});

test("a mail says it in its subject, and once", async () => {
  const inbox = await openMailInbox();
  const settings = {
    type: "email",
    smtp: inbox.url,
    from: "Bee <bee@example.com>",
    to: ["ops@example.com"],
  } as const;
  const courier = courierOf({ mail: settings });
  await fire(["mail"]);
  await resolve(["mail"]);
  await bringAll(courier);
  await bringAll(courier);
  expect(inbox.received).toHaveLength(2);
  const [firing, resolved] = inbox.received;
  expect(firing).toContain("Subject: Blue Banded Bee: [critical] region_down (eu) fires\r\n");
  expect(firing).toContain("To: ops@example.com\r\n");
  expect(firing).toContain("region_down: 2, fires above 0");
  expect(resolved).toContain("Subject: Blue Banded Bee: [resolved] region_down (eu) is over after");
  await inbox.close();
});

test("a channel that is silent keeps no other waiting, now or at the next run, and is told in the order of what happened", async () => {
  const answered = Promise.withResolvers<number>();
  const [silent, other] = await Promise.all([openWebhookInbox(() => answered.promise), openWebhookInbox()]);
  const courier = courierOf({ silent: webhook(silent.url), other: webhook(other.url) });
  const both = ["silent", "other"];
  const types = (received: readonly { readonly body: string }[]) =>
    received.map(({ body }) => JSON.parse(body).type);
  await fire(both);
  await courier.runOnce();
  await Promise.all([silent.atLeast(1), other.atLeast(1)]);
  await resolve(both);
  // The round of the other may be at its end, so that it takes another run to be served again.
  while (other.received.length < 2) {
    await courier.runOnce();
    await setImmediate();
  }
  expect(types(other.received)).toEqual(["alert.firing", "alert.resolved"]);
  expect(types(silent.received)).toEqual(["alert.firing"]);
  answered.resolve(503);
  await courier.idle();
  expect(silent.received).toHaveLength(1);
  await Promise.all([silent.close(), other.close()]);
});

test("a stop gives up what is under way, which is due at once for whoever leads next, and is no failure", async () => {
  const never = new Promise<number>(() => {});
  const hook = await openWebhookInbox(() => never);
  const mail = await openSilentServer();
  const email = { type: "email", smtp: mail.url, from: "bee@example.com", to: ["ops@example.com"] } as const;
  const courier = courierOf({ hook: webhook(hook.url), mail: email });
  const failures = log.of("a channel did not take an alert").length;
  await fire(["hook", "mail"]);
  await courier.runOnce();
  await Promise.all([hook.atLeast(1), mail.connected]);
  await courier.stop();
  await courier.runOnce();
  expect(log.of("a channel did not take an alert")).toHaveLength(failures);
  const due = await nextAlertMessages(db, ["hook", "mail"]);
  expect(due.map(({ channel, tries }) => [channel, tries])).toEqual([
    ["hook", 0],
    ["mail", 0],
  ]);
  expect(hook.received).toHaveLength(1);
  await Promise.all([hook.close(), mail.close()]);
});

test("what is not taken is said with its reason, tried again later each time, and given up after a day", async () => {
  const gone = await openWebhookInbox();
  await gone.close();
  const courier = courierOf({ pager: webhook(gone.url) });
  await fire(["pager"]);
  const pauses: unknown[] = [];
  for (let i = 0; i < 10; i++) {
    await becomeDue();
    await bringAll(courier);
    pauses.push(log.of("a channel did not take an alert").at(-1)?.fields?.["retryMs"]);
  }
  expect(pauses).toEqual([
    5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000, 600_000,
  ]);
  expect(await readFailingChannels(db, ["pager"])).toEqual([
    { channel: "pager", tries: 10, failure: expect.stringContaining("ECONNREFUSED") },
  ]);
  await runSql(
    store.url,
    `update alert_messages set body = jsonb_set(body, '{timestamp}', to_jsonb(now() - interval '25 hours'))`,
  );
  await becomeDue();
  await bringAll(courier);
  const { ended_at, delivered } = await db.selectFrom("alert_messages").selectAll().executeTakeFirstOrThrow();
  expect(ended_at).not.toBeNull();
  expect(delivered).toBe(false);
});

test("a redirect is not followed: where it leads, somebody else has chosen", async () => {
  const inbox = await openWebhookInbox(() => 302);
  await fire(["pager"]);
  await bringAll(courierOf({ pager: webhook(inbox.url) }));
  expect(log.of("a channel did not take an alert").at(-1)?.fields?.["failure"]).toBe("answered 302");
  await inbox.close();
});
