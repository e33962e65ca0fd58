import { setImmediate as nextTurn } from "node:timers/promises";
import { silentLog } from "@bee/core";
import { freshDatabase, type TestStore } from "@bee/testkit";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { countConnections } from "./connections.ts";
import { openDatabase, type PooledDatabase } from "./database.ts";

let store: TestStore;
let observer: PooledDatabase;
let db: PooledDatabase;

beforeAll(async () => {
  store = await freshDatabase();
  observer = openDatabase({ url: store.url, connections: 1, name: "test", log: silentLog });
});
afterAll(async () => {
  await observer.destroy();
  await store.stop();
});
beforeEach(() => {
  db = openDatabase({ url: store.url, connections: 2, name: "bee worker", log: silentLog });
});
afterEach(async () => {
  await db.destroy();
  await opened(0);
});

/** Resolves when Postgres sees so many of our connections; a connection that is closed is gone some moments later. */
async function opened(connections: number): Promise<void> {
  while ((await countConnections(observer)).open !== connections);
}

/** Resolves when the pool says that it has so many; Postgres must have no more then. */
async function closed(connections: number): Promise<void> {
  while (db.connections.open !== connections) await nextTurn();
}

/** Holds a connection until it is told to let go. */
async function hold(): Promise<() => Promise<void>> {
  const held = Promise.withResolvers<void>();
  const { promise: free, resolve: letGo } = Promise.withResolvers<void>();
  const done = db.connection().execute(async (connection) => {
    await sql`select 1`.execute(connection);
    held.resolve();
    await free;
  });
  await held.promise;
  return async () => {
    letGo();
    await done;
  };
}

test("connections that are in use stay until they are free, and then those too many are closed", async () => {
  const [letGo, letGoToo] = [await hold(), await hold()];
  await opened(2);
  db.connections.resize(1);
  expect([db.connections.limit, db.connections.open]).toEqual([1, 2]);
  await letGo();
  await closed(1);
  expect(await countConnections(observer)).toMatchObject({ open: 1 });
  await letGoToo();
  expect(db.connections.open).toBe(1);
  // What is left works on.
  await Promise.all([sql`select 1`.execute(db), sql`select 1`.execute(db)]);
  expect(db.connections.open).toBe(1);
});

test("an idle connection that is one too many is closed at once, also while the other one is in use", async () => {
  const [letGo, letGoToo] = [await hold(), await hold()];
  await letGoToo();
  expect(await countConnections(observer)).toEqual({ open: 2, idle: 2 });
  db.connections.resize(1);
  await closed(1);
  expect(await countConnections(observer)).toMatchObject({ open: 1 });
  await letGo();
  expect(db.connections.open).toBe(1);
});

test("a pool that may grow again does so when it is asked for more", async () => {
  db.connections.resize(1);
  const letGo = await hold();
  db.connections.resize(2);
  const letGoToo = await hold();
  await opened(2);
  await Promise.all([letGo(), letGoToo()]);
  // Both are kept, for none is too many any more.
  expect(db.connections.open).toBe(2);
});

test("whoever waits while the pool shrinks is served", async () => {
  const [letGo, letGoToo] = [await hold(), await hold()];
  const waiting = Promise.all(Array.from({ length: 5 }, () => sql`select 1`.execute(db)));
  db.connections.resize(1);
  await Promise.all([letGo(), letGoToo()]);
  expect(await waiting).toHaveLength(5);
  await closed(1);
});

test("the fleet's connections are counted by the names of its processes", async () => {
  const letGo = await hold();
  expect((await countConnections(db)).open).toBe(2);
  await letGo();
});
