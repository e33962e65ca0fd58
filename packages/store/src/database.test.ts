import { freshDatabase, layWire, RecordingLog, type TestStore, type Wire } from "@bee/testkit";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { openDatabase, ping } from "./database.ts";

let store: TestStore;
let wire: Wire;
const log = new RecordingLog();

beforeAll(async () => {
  store = await freshDatabase();
  wire = await layWire(store.url);
});
afterAll(async () => {
  await wire.stop();
  await store.stop();
});

test("a transaction whose process stands still in it lets go of what it holds", async () => {
  const [still, other] = ["still", "other"].map((name) =>
    openDatabase({ url: store.url, connections: 1, name, log }),
  );
  await sql`create table things (id int)`.execute(still!);
  await sql`insert into things values (1)`.execute(still!);
  const standsStill = still!.transaction().execute(async (tx) => {
    await sql`select id from things for update`.execute(tx);
    // Nothing more comes from this process until the other has what it waits for.
    await sql`select id from things for update`.execute(other!);
    await sql`select 1`.execute(tx);
  });
  await expect(standsStill).rejects.toThrow(/idle-in-transaction timeout|onnection (?:terminated|error)/);
  await Promise.all([still!.destroy(), other!.destroy()]);
});

test("a query that a lost connection will never answer fails, and the next one gets a new connection", async () => {
  const db = openDatabase({ url: wire.url, connections: 1, name: "test", log, statementMs: 100 });
  await ping(db);
  wire.silence();
  const unanswered = ping(db);
  await expect(unanswered).rejects.toThrow("Postgres was silent");
  await wire.mend();
  await ping(db);
  await db.destroy();
});
