import { DEFAULT_RULE, HEALTH_DOMAIN } from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { abandonCanary, pruneCanaries, readCanary, submitCanary } from "./canary.ts";
import { CANARY_KEY_ID } from "./canary-key.ts";
import type { Database } from "./database.ts";
import { hasJobs, listJobs, readWorkload } from "./jobs.ts";
import { openFixture, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const submit = () =>
  submitCanary(db, {
    url: `http://${HEALTH_DOMAIN}:3000/livez`,
    home: { region: "default", workerClass: "general" },
    rule: { ...DEFAULT_RULE, source: "default" },
  });

const end = (status: "completed" | "failed", more: { readonly at?: string } = {}) =>
  db
    .updateTable("jobs")
    .set({
      status,
      finished_at: more.at ?? new Date(),
      ...(status === "completed" ? { total: 1, succeeded: 1 } : {}),
    })
    .where("finished_at", "is", null)
    .where("key_id", "=", CANARY_KEY_ID)
    .execute();

test("tells of the last check that was submitted and of the last that passed", async () => {
  expect(await readCanary(db)).toEqual({
    now: expect.any(Number),
    submittedAt: null,
    open: false,
    passed: null,
  });
  expect(await submit()).toMatchObject([{ job: expect.any(String), tier: "critical" }]);
  const first = await readCanary(db);
  expect(first).toMatchObject({ open: true, passed: null });
  expect(Math.abs(first.now - first.submittedAt!)).toBeLessThan(60_000);
  await end("completed");
  const passed = await readCanary(db);
  expect(passed).toMatchObject({ open: false, passed: { durationMs: expect.any(Number) } });
  await submit();
  await end("failed");
  expect(await readCanary(db)).toMatchObject({ open: false, passed: passed.passed });
});

test("checks are no work: they ask for no workers, and a fleet that had nothing else has had none", async () => {
  await submit();
  expect(await readWorkload(db)).toEqual({ activeJobs: 0, pendingPages: 0 });
  expect(await hasJobs(db)).toBe(false);
  await seedJob(db, { keyId });
  expect(await readWorkload(db)).toMatchObject({ activeJobs: 1 });
  expect(await hasJobs(db)).toBe(true);
});

test("checks are listed for those who ask for them", async () => {
  const domains = async (domain?: string) =>
    (await listJobs(db, { limit: 10, domain })).map((job) => job.domain);
  expect(await domains()).toEqual(["example.com"]);
  expect(new Set(await domains(HEALTH_DOMAIN))).toEqual(new Set([HEALTH_DOMAIN]));
});

test("one that is on its way can be given up", async () => {
  await submit();
  await abandonCanary(db);
  expect(await readCanary(db)).toMatchObject({ open: false });
  expect(await abandonCanary(db)).toEqual([]);
});

test("old ones are forgotten, but never the last that passed, nor one that is on its way", async () => {
  await db.deleteFrom("jobs").where("key_id", "=", CANARY_KEY_ID).execute();
  for (const status of ["completed", "failed", "completed", "failed"] as const) {
    await submit();
    await end(status, { at: "2020-01-01" });
  }
  await submit();
  const before = await readCanary(db);
  await pruneCanaries(db, 3_600_000);
  expect(await readCanary(db)).toMatchObject({ open: true, passed: before.passed });
  expect(await listJobs(db, { limit: 10, domain: HEALTH_DOMAIN })).toHaveLength(2);
});
