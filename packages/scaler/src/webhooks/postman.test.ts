import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { signWebhook, WEBHOOK_PATIENCE_MS } from "@bee/core";
import {
  createKey,
  createWebhook,
  type Database,
  enableWebhook,
  getDelivery,
  getWebhook,
  listDeliveries,
  openDatabase,
  readFailingWebhooks,
  readWebhookSecret,
  replayDelivery,
  takeDelivery,
} from "@bee/store";
import { freshDatabase, RecordingLog, runSql, type TestStore } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { type Inbox, openWebhookInbox, type Received } from "../testing/receivers.ts";
import { createWebhookClient } from "./deliver.ts";
import { Postman } from "./postman.ts";

let store: TestStore;
let db: Database;
let keyId: string;
const log = new RecordingLog();
const cleanUp: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 3, name: "test", log });
  keyId = (await createKey(db, "operator", "operator")).key.id;
});
afterAll(async () => {
  await db.destroy();
  await store.stop();
});
beforeEach(async () => {
  await runSql(store.url, "truncate webhooks, webhook_deliveries");
});
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

function newPostman(allowPrivate: readonly string[] = ["127.0.0.0/8"]): Postman {
  const client = createWebhookClient({ userAgent: "test/1 (test)", allowPrivate, resolve: [] });
  const postman = new Postman({ db, client, log });
  cleanUp.push(
    () => client.close(),
    () => postman.stop(),
  );
  return postman;
}

async function openInbox(answer?: () => number | Promise<number>): Promise<Inbox<Received>> {
  const inbox = await openWebhookInbox(answer);
  cleanUp.push(() => inbox.close());
  return inbox;
}

let written = 0;

/** As the end of a job writes it. */
async function write(url: string, webhookId: string | null = null): Promise<string> {
  const id = `00000000-0000-7000-8000-${String(++written).padStart(12, "0")}`;
  await db
    .insertInto("webhook_deliveries")
    .values({
      ...{ id, key_id: keyId, webhook_id: webhookId, job_id: null, url, type: "job.completed" },
      ...{ receiver: webhookId ?? `${keyId} ${new URL(url).origin}`, body: `{"n":${written}}` },
    })
    .execute();
  return id;
}

async function register(url: string) {
  return (await createWebhook(db, { keyId, url, events: ["job.completed"] })).webhook;
}

async function runToEnd(postman: Postman): Promise<void> {
  await postman.runOnce();
  await postman.idle();
}

/** As if the pause before the next try, or the time of whoever had taken it, were over. */
const becomeDue = () => runSql(store.url, "update webhook_deliveries set due_at = now()");
const age = (ms: number) =>
  runSql(store.url, `update webhook_deliveries set begun_at = now() - interval '${ms} milliseconds'`);

test("each try has the same id and body, and is signed with the secret of its receiver", async () => {
  let status = 500;
  const inbox = await openInbox(() => status);
  const { webhook, secret } = await createWebhook(db, { keyId, url: inbox.url, events: ["job.completed"] });
  const [own, jobs] = [await write(inbox.url, webhook.id), await write(inbox.url)];
  const postman = newPostman();
  await runToEnd(postman);
  status = 200;
  await becomeDue();
  await runToEnd(postman);
  await runToEnd(postman);
  expect(inbox.received.map(({ headers }) => headers["webhook-id"]).sort()).toEqual([own, own, jobs, jobs]);
  const keySecret = (await readWebhookSecret(db, keyId)).secret;
  for (const { headers, body } of inbox.received) {
    const id = String(headers["webhook-id"]);
    const timestamp = Number(headers["webhook-timestamp"]);
    expect(headers).toMatchObject(signWebhook(id === own ? secret : keySecret, { id, timestamp, body }));
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["user-agent"]).toBe("test/1 (test)");
  }
  expect(await getDelivery(db, own)).toMatchObject({
    state: "delivered",
    tries: 2,
    status: 200,
    failure: null,
  });
  expect(await getWebhook(db, webhook.id)).toMatchObject({ failures: 0, failure: null });
});

test("a receiver that is silent holds up no other, and another of the same address neither", async () => {
  const answered = Promise.withResolvers<number>();
  const [silent, other] = await Promise.all([openInbox(() => answered.promise), openInbox()]);
  for (let i = 0; i < 3; i++) await write(silent.url);
  const beside = await register(silent.url);
  await write(beside.url, beside.id);
  const postman = newPostman();
  await postman.runOnce();
  // One at a time of each receiver.
  await silent.atLeast(2);
  for (let i = 0; i < 3; i++) await write(other.url);
  await postman.runOnce();
  await other.atLeast(3);
  expect(silent.received).toHaveLength(2);
  answered.resolve(204);
  await postman.idle();
  expect(silent.received).toHaveLength(4);
});

test("a leader that dies with a message under way loses it not: the next brings it under the same id, and twice at most", async () => {
  const inbox = await openInbox();
  const id = await write(inbox.url);
  // It took the message, and nobody heard of it again.
  await takeDelivery(db, `${keyId} ${new URL(inbox.url).origin}`);
  const next = newPostman();
  await runToEnd(next);
  expect(inbox.received).toHaveLength(0);
  await becomeDue();
  await Promise.all([runToEnd(next), runToEnd(newPostman())]);
  expect(inbox.received.map(({ headers }) => headers["webhook-id"])).toEqual([id]);
});

test("what is under way when the scaler stops is due again at once, and no failure", async () => {
  const inbox = await openInbox(() => new Promise(() => {}));
  const id = await write(inbox.url);
  const postman = newPostman();
  await postman.runOnce();
  await inbox.atLeast(1);
  await postman.stop();
  expect(await getDelivery(db, id)).toMatchObject({ state: "waiting", tries: 0, failure: null });
  expect((await takeDelivery(db, `${keyId} ${new URL(inbox.url).origin}`))?.id).toBe(id);
});

test("a redirect is not followed", async () => {
  const inbox = await openInbox();
  const server = createServer((_, response) => response.writeHead(307, { location: inbox.url }).end());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => server.close());
  const id = await write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await runToEnd(newPostman());
  expect(inbox.received).toHaveLength(0);
  expect(await getDelivery(db, id)).toMatchObject({ state: "waiting", status: 307, failure: "answered 307" });
});

test.each([
  ["an address", "127.0.0.1"],
  ["an address in other clothes", "2130706433"],
  ["a name", "localhost"],
])("nothing is sent to a private network by %s", async (_how, host) => {
  const inbox = await openInbox();
  const id = await write(inbox.url.replace("127.0.0.1", host));
  await runToEnd(newPostman([]));
  expect(inbox.received).toHaveLength(0);
  expect(await getDelivery(db, id)).toMatchObject({
    state: "waiting",
    failure: expect.stringContaining("expected a public address"),
  });
});

test("of an answer without end little is read, and its status counts", async () => {
  const closed = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    response.writeHead(200);
    const more = () => response.writable && response.write(Buffer.alloc(16_384), more);
    more();
    response.once("close", () => closed.resolve());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => server.close());
  const id = await write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await runToEnd(newPostman());
  await closed.promise;
  expect(await getDelivery(db, id)).toMatchObject({ state: "delivered", status: 200 });
});

test("a webhook that takes nothing for a day is disabled, with what waits for it, and operators hear of it", async () => {
  const inbox = await openInbox(() => 500);
  const webhook = await register(inbox.url);
  const [old, later] = [await write(inbox.url, webhook.id), await write(inbox.url, webhook.id)];
  await age(WEBHOOK_PATIENCE_MS);
  await runSql(
    store.url,
    `update webhook_deliveries set due_at = now() + interval '1 hour' where id = '${later}'`,
  );
  await runToEnd(newPostman());
  expect(await getDelivery(db, old)).toMatchObject({ state: "failed", failure: "answered 500" });
  expect(await getDelivery(db, later)).toMatchObject({ state: "failed", tries: 0 });
  expect(await getWebhook(db, webhook.id)).toMatchObject({ failures: 1, disabledAt: expect.any(Date) });
  expect(log.of("a webhook is disabled")).toHaveLength(1);
  expect(await readFailingWebhooks(db)).toMatchObject([{ id: webhook.id, disabled: true }]);
  await enableWebhook(db, webhook.id);
  expect(await readFailingWebhooks(db)).toEqual([]);
});

test("a webhook that took others is not disabled for one that it does not take", async () => {
  let status = 200;
  const inbox = await openInbox(() => status);
  const webhook = await register(inbox.url);
  await write(inbox.url, webhook.id);
  const postman = newPostman();
  await runToEnd(postman);
  status = 500;
  const id = await write(inbox.url, webhook.id);
  await age(WEBHOOK_PATIENCE_MS);
  await runToEnd(postman);
  expect((await getDelivery(db, id))?.state).toBe("failed");
  expect((await getWebhook(db, webhook.id))?.disabledAt).toBeNull();
});

test("410 Gone ends it at once", async () => {
  const inbox = await openInbox(() => 410);
  const webhook = await register(inbox.url);
  await write(inbox.url, webhook.id);
  await runToEnd(newPostman());
  expect((await getWebhook(db, webhook.id))?.disabledAt).toBeInstanceOf(Date);
  expect(await listDeliveries(db, { state: "failed", limit: 10 })).toHaveLength(1);
});

test("a message that was given up is sent again when it is ordered, under its id and for another day", async () => {
  let status = 500;
  const inbox = await openInbox(() => status);
  const id = await write(inbox.url);
  await age(WEBHOOK_PATIENCE_MS);
  const postman = newPostman();
  await runToEnd(postman);
  expect((await getDelivery(db, id))?.state).toBe("failed");
  await replayDelivery(db, id);
  await runToEnd(postman);
  expect((await getDelivery(db, id))?.state).toBe("waiting");
  status = 204;
  await becomeDue();
  await runToEnd(postman);
  expect((await getDelivery(db, id))?.state).toBe("delivered");
  expect(new Set(inbox.received.map(({ headers }) => headers["webhook-id"]))).toEqual(new Set([id]));
});

test("what is for a key that was revoked is not sent any more", async () => {
  const inbox = await openInbox();
  const id = await write(inbox.url);
  await runSql(store.url, `update keys set revoked_at = now() where id = '${keyId}'`);
  cleanUp.push(() => runSql(store.url, `update keys set revoked_at = null where id = '${keyId}'`));
  await runToEnd(newPostman());
  expect(inbox.received).toHaveLength(0);
  expect(await getDelivery(db, id)).toMatchObject({
    state: "failed",
    failure: expect.stringContaining("revoked"),
  });
});
