import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { silentLog } from "@bee/core";
import { openRedis } from "@bee/queue";
import { createKey, type Database, openDatabase } from "@bee/store";
import { freshDatabase, freshRedis, runSql, type TestRedis, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { openWebhookInbox } from "../testing/receivers.ts";

const SCALER = fileURLToPath(new URL("../testing/scaler-process.ts", import.meta.url));

let store: TestStore;
let server: TestRedis;
let db: Database;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  [store, server] = await Promise.all([freshDatabase(), freshRedis()]);
  db = openDatabase({ url: store.url, connections: 2, name: "test", log: silentLog });
});
afterAll(async () => {
  for (const child of processes) child.kill("SIGKILL");
  await db.destroy();
  await Promise.all([store.stop(), server.stop()]);
});

// A leader that was killed is succeeded after ten seconds.
jest.setTimeout(120_000);

test("a killed leader and a wiped Redis lose no message, and only what was under way comes twice", async () => {
  const { key } = await createKey(db, "tests", "operator");
  const answers = { held: Promise.withResolvers<number>(), hold: true };
  const inbox = await openWebhookInbox(() => (answers.hold ? answers.held.promise : 204));
  const ids = Array.from({ length: 30 }, (_, i) => `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`);
  const write = (some: readonly string[], receivers: number) =>
    db
      .insertInto("webhook_deliveries")
      .values(
        some.map((id, i) => ({
          ...{ id, key_id: key.id, url: inbox.url, type: "job.completed" as const, body: "{}" },
          receiver: `receiver ${i % receivers}`,
        })),
      )
      .execute();
  await write(ids.slice(0, 20), 5);

  const first = start();
  await inbox.atLeast(5);
  // Five receivers have a message and have not answered.
  const underWay = new Set(inbox.received.map(({ headers }) => String(headers["webhook-id"])));
  expect(underWay.size).toBe(5);
  start();
  first.kill("SIGKILL");
  await once(first, "exit");
  const redis = openRedis({ url: server.url, name: "test", log: silentLog });
  await redis.flushall();
  redis.disconnect();
  answers.hold = false;
  await write(ids.slice(20), 5);
  // As if the minute were over after which a message of a leader that died is due again.
  await runSql(store.url, "update webhook_deliveries set due_at = now() where ended_at is null");

  await inbox.atLeast(ids.length + underWay.size);
  const open = () => db.selectFrom("webhook_deliveries").select("id").where("ended_at", "is", null).execute();
  while ((await open()).length > 0);
  const times = new Map<string, number>();
  for (const { headers } of inbox.received) {
    const id = String(headers["webhook-id"]);
    times.set(id, (times.get(id) ?? 0) + 1);
  }
  expect([...times.keys()].sort()).toEqual(ids);
  const twice = [...times].filter(([, n]) => n > 1).map(([id]) => id);
  expect(new Set(twice)).toEqual(underWay);
  expect(inbox.received).toHaveLength(ids.length + underWay.size);
  await inbox.close();
});

function start(): ChildProcess {
  const child = spawn(process.execPath, [SCALER, store.url, server.url], { stdio: "inherit" });
  processes.push(child);
  return child;
}
