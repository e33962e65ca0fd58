import { silentLog } from "@bee/core";
import { type Database, findKey, listAudit, openDatabase } from "@bee/store";
import { freshDatabase, type TestStore } from "@bee/testkit";
import { afterAll, beforeAll, expect, jest, test } from "@jest/globals";
import { bee } from "./testing/bee.ts";

jest.setTimeout(60_000);

let store: TestStore;
let db: Database;
beforeAll(async () => {
  store = await freshDatabase();
  db = openDatabase({ url: store.url, connections: 1, name: "test", log: silentLog });
});
afterAll(async () => {
  await db.destroy();
  await store.stop();
});

const keys = (...args: string[]) => bee(["keys", ...args], { DATABASE_URL: store.url });
const list = async () => JSON.parse((await keys("list", "--json")).stdout).keys;

test("a key is made, shown once, listed and revoked, and the audit log knows", async () => {
  const made = await keys("create", "--name", "ci", "--plan", "premium", "--expires", "90d");
  expect(made.code).toBe(0);
  expect(made.stdout).toMatch(/^bee_[\w-]{43}\n$/);
  expect(made.stderr).toMatch(
    /^Key for ci, plan premium, until 20\S+Z\. Its id is \S{36}\.\nIt is shown only now/,
  );
  const secret = made.stdout.trim();
  const [key] = await list();
  expect(key).toMatchObject({
    name: "ci",
    plan: "premium",
    readOnly: false,
    revokedAt: null,
    lastUsedAt: null,
  });
  expect(Math.round((Date.parse(key.expiresAt) - Date.parse(key.createdAt)) / 86_400_000)).toBe(90);
  const table = await keys("list");
  expect(table.stdout).toContain(key.id);
  expect(table.stdout).not.toContain(secret);

  const revoked = await keys("revoke", key.id);
  expect(revoked).toEqual({ code: 0, stdout: "The key of ci is revoked\n", stderr: "" });
  expect(await findKey(db, secret)).toBeUndefined();
  expect((await list())[0].revokedAt).not.toBeNull();
  const entries = await listAudit(db, { limit: 10 });
  expect(entries.map(({ action, target, outcome }) => [action, target, outcome])).toEqual([
    ["key.revoke", key.id, "done"],
    ["key.create", key.id, "done"],
  ]);
  expect(entries[0]).toMatchObject({ keyId: null, actor: expect.stringMatching(/^bee keys on ./) });
});

test("a key may only read, the jobs of another", async () => {
  await keys("create", "--name", "owner", "--plan", "standard");
  const [owner] = await list();
  const args = ["create", "--name", "reader", "--plan", "standard", "--read-only", "--of", owner.id];
  expect((await keys(...args)).code).toBe(0);
  expect((await list())[0]).toMatchObject({ name: "reader", readOnly: true, ownerId: owner.id });
});

test("a key that nobody has cannot be revoked, nor read for", async () => {
  const nobody = "01a207a2-36d3-76e7-a6e9-21644bcea641";
  const before = await list();
  expect(await keys("revoke", nobody)).toEqual({
    ...{ code: 2, stdout: "" },
    stderr: `bee: expected the id of a key, got ${nobody}; \`bee keys list\` lists them\n`,
  });
  const made = await keys("create", "--name", "x", "--plan", "standard", "--read-only", "--of", nobody);
  expect(made.code).not.toBe(0);
  expect(made.stderr).toContain("expected the id of a key as its owner");
  expect(await list()).toEqual(before);
  const [created, revoked] = await listAudit(db, { limit: 2 });
  expect([created!.outcome, revoked!.outcome]).toEqual(["invalid-request", "failed"]);
});
