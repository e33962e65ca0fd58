import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { beginAudit, endAudit, listAudit } from "./audit-log.ts";
import type { Database } from "./database.ts";
import { openFixture } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

test("a deed stands in the log before it is done, and how it ended after", async () => {
  const entry = { actor: "tests", action: "domain.pause", target: "a.example", request: "r-1", keyId };
  const first = await beginAudit(db, { ...entry, detail: { why: "test" } });
  expect(await listAudit(db, { limit: 10 })).toEqual([
    { ...entry, id: first, at: expect.any(Date), detail: { why: "test" }, outcome: null },
  ]);
  await endAudit(db, first, "done");
  const second = await beginAudit(db, { ...entry, target: "", detail: {} });
  await endAudit(db, second, "conflict", "b.example");
  expect((await listAudit(db, { limit: 10 })).map(({ target, outcome }) => [target, outcome])).toEqual([
    ["b.example", "conflict"],
    ["a.example", "done"],
  ]);
  expect((await listAudit(db, { limit: 10, before: second })).map(({ id }) => id)).toEqual([first]);
});
