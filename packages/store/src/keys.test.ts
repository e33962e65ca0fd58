import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { beginSession, endSession, findSession } from "./key-sessions.ts";
import { ADMIN_KEY_ID, acceptAdminKey, createKey, findKey, getKey, listKeys, revokeKey } from "./keys.ts";
import { openFixture } from "./testing/fixtures.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openFixture());
});
afterAll(() => close());

const expire = (id: string) =>
  sql`update keys set expires_at = now() - interval '1 second' where id = ${id}`.execute(db);

describe("a key", () => {
  test("is found by its secret, which stands nowhere in the database", async () => {
    const { key, secret } = await createKey(db, "one", "premium");
    expect(await findKey(db, secret)).toEqual({
      ...{ id: key.id, name: "one", plan: "premium", readOnly: false, ownerId: null },
    });
    const { rows } = await sql<{ text: string }>`select keys::text from keys`.execute(db);
    expect(JSON.stringify(rows)).not.toContain(secret);
    expect(JSON.stringify(rows)).not.toContain(Buffer.from(secret).toString("hex"));
  });

  test("opens nothing any more once it is revoked, and neither do those that read its jobs", async () => {
    const owner = await createKey(db, "owner", "standard");
    const reader = await createKey(db, "reader", "standard", { readOnly: true, ownerId: owner.key.id });
    expect(await findKey(db, reader.secret)).toMatchObject({ readOnly: true, ownerId: owner.key.id });
    const revoked = await revokeKey(db, owner.key.id);
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect([await findKey(db, owner.secret), await findKey(db, reader.secret)]).toEqual([
      undefined,
      undefined,
    ]);
    // Repeated, it changes nothing.
    expect(await revokeKey(db, owner.key.id)).toEqual(revoked);
  });

  test("opens nothing any more once it has expired", async () => {
    const { key, secret } = await createKey(db, "short", "standard", { expiresAt: new Date("2100-01-01") });
    expect(await findKey(db, secret)).toBeDefined();
    await expire(key.id);
    expect(await findKey(db, secret)).toBeUndefined();
  });

  test("cannot read for nobody", async () => {
    const ownerId = "01a207a2-36d3-76e7-a6e9-21644bcea641";
    await expect(createKey(db, "lost", "standard", { readOnly: true, ownerId })).rejects.toMatchObject({
      code: "invalid-request",
    });
  });

  test("is noticed when it is used, and written down at most once a minute", async () => {
    const { key, secret } = await createKey(db, "busy", "standard");
    const lastUsed = async () => (await getKey(db, key.id))!.lastUsedAt;
    expect(await lastUsed()).toBeNull();
    await findKey(db, secret);
    const first = await lastUsed();
    expect(first).toBeInstanceOf(Date);
    await findKey(db, secret);
    expect(await lastUsed()).toEqual(first);
    await sql`update keys set last_used_at = last_used_at - interval '61 seconds' where id = ${key.id}`.execute(
      db,
    );
    await findKey(db, secret);
    expect((await lastUsed())!.getTime()).toBeGreaterThanOrEqual(first!.getTime());
  });

  test("of nobody cannot be revoked, that of the configuration only there", async () => {
    expect(await revokeKey(db, "01a207a2-36d3-76e7-a6e9-21644bcea641")).toBeUndefined();
    await acceptAdminKey(db, "the admin's key of this test");
    await expect(revokeKey(db, ADMIN_KEY_ID)).rejects.toMatchObject({ code: "conflict" });
  });

  test("is listed after those that are newer", async () => {
    const ids = [];
    for (const name of ["a", "b", "c"]) ids.unshift((await createKey(db, name, "standard")).key.id);
    const first = await listKeys(db, { limit: 2 });
    const second = await listKeys(db, { limit: 1, before: first[1]!.id });
    expect([...first, ...second].map(({ id }) => id)).toEqual(ids);
  });
});

describe("a session", () => {
  const signIn = async (expiresAt: Date | null = null) => {
    const { key } = await createKey(db, "browser", "operator", { expiresAt });
    return { key, ...(await beginSession(db, key.id)) };
  };

  test("is its key's, until it is ended", async () => {
    const { key, secret } = await signIn();
    expect(await findSession(db, secret)).toMatchObject({ id: key.id, plan: "operator" });
    // What a browser keeps is no key, and a key no session.
    expect(await findKey(db, secret)).toBeUndefined();
    await endSession(db, secret);
    expect(await findSession(db, secret)).toBeUndefined();
  });

  test("ends with its key, revoked or expired", async () => {
    const [one, other] = [await signIn(), await signIn()];
    await revokeKey(db, one.key.id);
    await expire(other.key.id);
    expect([await findSession(db, one.secret), await findSession(db, other.secret)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("does not outlive its key, and ends by itself after a week", async () => {
    const soon = new Date(Date.now() + 3_600_000);
    expect((await signIn(soon)).expiresAt).toEqual(soon);
    const { secret, expiresAt } = await signIn();
    expect(Math.round((expiresAt.getTime() - Date.now()) / 3_600_000)).toBe(7 * 24);
    await sql`update sessions set expires_at = now() - interval '1 second'`.execute(db);
    expect(await findSession(db, secret)).toBeUndefined();
    await signIn();
    const { rows } = await sql<{ n: number }>`select count(*)::int as n from sessions`.execute(db);
    expect(rows[0]!.n).toBe(1);
  });

  test("of the configured key ends when another one is configured", async () => {
    await acceptAdminKey(db, "the admin's first key");
    const { secret } = await beginSession(db, ADMIN_KEY_ID);
    await acceptAdminKey(db, "the admin's first key");
    expect(await findSession(db, secret)).toBeDefined();
    await acceptAdminKey(db, "the admin's second key");
    expect(await findSession(db, secret)).toBeUndefined();
  });
});
