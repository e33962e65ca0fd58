import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { type ChangedAmong, isComparable, isSince, readJobChanges } from "./job-changes.ts";
import { cancelJob } from "./job-orders.ts";
import { getJob } from "./jobs.ts";
import { openFixture, seedJob, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff";
const active: ChangedAmong = { all: false, jobs: [], after: LAST_ID };
/** Behind all that this test has done: a transaction of any database of the server keeps it back while it lasts. */
async function position(): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(db);
  for (;;) {
    const { position } = await readJobChanges(db, null, active);
    if (BigInt(position) > BigInt(rows[0]!.id)) return position;
    await setImmediate();
  }
}
const idsSince = async (since: string, among: ChangedAmong) =>
  (await readJobChanges(db, since, among)).jobs.map(({ id }) => id);

test("from a position on, what has changed is read, and nothing else", async () => {
  const before = await seedJob(db, { keyId, domain: "before.test" });
  const since = await position();
  expect(await idsSince(since, active)).toEqual([]);
  const { job } = await startJob(db, { keyId, domain: "after.test", pages: 7 });
  const { jobs } = await readJobChanges(db, since, active);
  expect(jobs).toHaveLength(1);
  expect(jobs[0]).toMatchObject({ id: job, domain: "after.test", status: "running", counts: { total: 7 } });
  expect(jobs.map(({ id }) => id)).not.toContain(before);
});

test("a change that commits after others have been read is not passed over", async () => {
  const slow = await seedJob(db, { keyId, domain: "slow.test" });
  const since = await position();
  const { promise: changed, resolve: onChange } = Promise.withResolvers<void>();
  const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
  const transaction = db.transaction().execute(async (tx) => {
    await tx.updateTable("jobs").set({ visits: 1 }).where("id", "=", slow).execute();
    onChange();
    await mayCommit;
  });
  await changed;
  const quick = await seedJob(db, { keyId, domain: "quick.test" });
  const first = await readJobChanges(db, since, active);
  commit();
  await transaction;
  expect(first.jobs.map(({ id }) => id)).toEqual([quick]);
  const next = await readJobChanges(db, first.position, active);
  expect(next.jobs.map(({ id }) => id)).toContain(slow);
});

test("a job that has ended is followed to its end where it is asked for, is new, or all are", async () => {
  const job = await seedJob(db, { keyId, domain: "ends.test" });
  const since = await position();
  await cancelJob(db, (await getJob(db, job))!);
  expect(await idsSince(since, active)).toEqual([]);
  expect(await idsSince(since, { all: false, jobs: [job], after: LAST_ID })).toEqual([job]);
  expect(await idsSince(since, { all: false, jobs: [], after: job.replace(/.$/, "0") })).toContain(job);
  expect(await idsSince(since, { all: true })).toEqual([job]);
});

test("versions are compared around the end of Postgres' numbers", () => {
  const at = (version: number) => ({ version }) as Parameters<typeof isSince>[0];
  const end = 2 ** 32;
  expect(isSince(at(100), "100")).toBe(true);
  expect(isSince(at(99), "100")).toBe(false);
  expect(isSince(at(5), String(end - 5))).toBe(true);
  expect(isSince(at(end - 5), String(end + 5))).toBe(false);
  expect(isSince(at(5), String(3 * end + 4))).toBe(true);
});

test("a position of the future, or of long ago, is none to go on from", () => {
  expect(isComparable("99", "100")).toBe(true);
  expect(isComparable("101", "100")).toBe(false);
  expect(isComparable("1", String(2 ** 31 + 1))).toBe(false);
});
