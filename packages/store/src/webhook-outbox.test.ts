import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { changeAlert } from "./alerts.ts";
import type { Database } from "./database.ts";
import { cancelJob, retryJob } from "./job-orders.ts";
import { failJob } from "./job-transitions.ts";
import { createKey, revokeKey } from "./keys.ts";
import { settle } from "./settle.ts";
import { sweepJob } from "./sweep.ts";
import { OK, openFixture, resultOf, seedJob, startJob } from "./testing/fixtures.ts";
import { listDeliveries } from "./webhook-deliveries.ts";
import { createWebhook, deleteWebhook } from "./webhooks.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
beforeEach(async () => {
  await sql`truncate jobs, pages, tallies, alerts, webhooks, webhook_deliveries cascade`.execute(db);
});
afterAll(() => close());

const HOOK = "https://hook.example/job";

const told = async () => (await listDeliveries(db, { limit: 100 })).map(({ type, url }) => `${type} ${url}`);
const bodies = async () =>
  (await sql<{ body: string }>`select body from webhook_deliveries`.execute(db)).rows;
const name = (job: string, url = HOOK) =>
  sql`update jobs set webhook_url = ${url} where id = ${job}`.execute(db);

describe("the end of a job", () => {
  test("and that it is to be told are one: neither is there without the other", async () => {
    const { job, tasks } = await startJob(db, { keyId, domain: "one.test", pages: 1 });
    await name(job);
    await sql`create function refuse() returns trigger language plpgsql as 'begin raise exception ''full''; end'`.execute(
      db,
    );
    await sql`create trigger full_up before insert on webhook_deliveries execute function refuse()`.execute(
      db,
    );
    await expect(settle(db, [resultOf(tasks[0]!, OK)])).rejects.toThrow("full");
    await sql`drop trigger full_up on webhook_deliveries`.execute(db);
    const { rows } = await sql<{ status: string }>`select status from jobs where id = ${job}`.execute(db);
    expect([rows[0]!.status, await told()]).toEqual(["running", []]);
    await settle(db, [resultOf(tasks[0]!, OK)]);
    expect(await told()).toEqual([`job.completed ${HOOK}`]);
  });

  test("is told with the job as it was then", async () => {
    const { job, tasks } = await startJob(db, { keyId, domain: "body.test", pages: 1 });
    await name(job);
    await settle(db, [resultOf(tasks[0]!, OK)]);
    const [row] = await bodies();
    const { data, ...head } = JSON.parse(row!.body);
    expect(head).toEqual({ type: "job.completed", version: 1, timestamp: data.finishedAt });
    expect(data).toMatchObject({
      ...{ id: job, domain: "body.test", status: "completed" },
      counts: { total: 1, succeeded: 1, pending: 0 },
      ...{ outcomes: { ok: 1, broken: 0 }, cache: { "already-warm": 1, warmed: 0 } },
    });
  });

  test("is told once, however often its last result comes, and again when it was retried", async () => {
    const { job, tasks } = await startJob(db, { keyId, domain: "twice.test", pages: 1 });
    await name(job);
    const broken = { ...OK, outcome: "broken", cache: "none" } as typeof OK;
    for (let i = 0; i < 3; i++) await settle(db, [resultOf(tasks[0]!, broken)]);
    expect(await told()).toHaveLength(1);
    const { release } = await retryJob(db, { id: job, domain: "twice.test" });
    await settle(db, [resultOf(release.visits[0]!.task, OK)]);
    expect(await told()).toHaveLength(2);
  });

  test("is not told once more when the job is forgotten, chunk by chunk", async () => {
    const { job, tasks } = await startJob(db, { keyId, domain: "old.test", pages: 1 });
    await name(job);
    await settle(db, [resultOf(tasks[0]!, OK)]);
    await sql`insert into pages (job_id, domain_id, url, state, outcome, cache, finished_at)
      select job_id, domain_id, url || n, state, outcome, cache, finished_at
      from pages, generate_series(1, 2000) n where job_id = ${job}`.execute(db);
    await sql`update jobs set finished_at = now() - interval '1 hour', sweep = 'forget' where id = ${job}`.execute(
      db,
    );
    while (!(await sweepJob(db, { id: job, domain: "old.test" })).done);
    expect(await told()).toHaveLength(1);
  });

  test("that failed is told as that, and one that was cancelled is not told", async () => {
    const failed = await seedJob(db, { keyId, domain: "dead.test" });
    const cancelled = await seedJob(db, { keyId, domain: "dead.test" });
    await Promise.all([name(failed), name(cancelled)]);
    await cancelJob(db, { id: cancelled, domain: "dead.test" });
    for (let i = 0; i < 2; i++) await failJob(db, failed, "dead.test", "its name does not exist");
    expect(await told()).toEqual([`job.failed ${HOOK}`]);
    const [row] = await bodies();
    expect(JSON.parse(row!.body).data).toMatchObject({ id: failed, failure: "its name does not exist" });
  });

  test("is told to the webhooks of its key that asked for it, and to no others", async () => {
    const { key: other } = await createKey(db, "other", "operator");
    const both = ["job.completed", "job.failed"] as const;
    await createWebhook(db, { keyId, url: "https://a.example/", events: both });
    await createWebhook(db, { keyId, url: "https://b.example/", events: ["job.failed"] });
    await createWebhook(db, { keyId: other.id, url: "https://c.example/", events: both });
    const gone = await createWebhook(db, { keyId, url: "https://d.example/", events: both });
    await deleteWebhook(db, gone.webhook.id);
    const { tasks } = await startJob(db, { keyId, domain: "hooks.test", pages: 1 });
    await settle(db, [resultOf(tasks[0]!, OK)]);
    expect(await told()).toEqual(["job.completed https://a.example/"]);
  });

  test("is kept for a webhook that is disabled, to be ordered by whoever mends it", async () => {
    const { webhook } = await createWebhook(db, { keyId, url: HOOK, events: ["job.completed"] });
    await sql`update webhooks set disabled_at = now() where id = ${webhook.id}`.execute(db);
    const { tasks } = await startJob(db, { keyId, domain: "disabled.test", pages: 1 });
    await settle(db, [resultOf(tasks[0]!, OK)]);
    expect(await listDeliveries(db, { state: "failed", limit: 10 })).toMatchObject([
      { webhookId: webhook.id, tries: 0, failure: "not sent: the webhook is disabled", nextTryAt: null },
    ]);
  });

  test("is not told for a key that was revoked", async () => {
    const { key } = await createKey(db, "leaked", "standard");
    const { job, tasks } = await startJob(db, { keyId: key.id, domain: "leaked.test", pages: 1 });
    await name(job);
    await revokeKey(db, key.id);
    await settle(db, [resultOf(tasks[0]!, OK)]);
    expect(await told()).toEqual([]);
  });
});

describe("an alert", () => {
  const fire = (subject: string) =>
    changeAlert(db, {
      ...{ event: "firing", name: "webhook_failing", subject, severity: "warning", reading: 3, threshold: 2 },
      ...{ detail: "it fails", toldAt: null, channels: [] },
    });

  test("is told to the webhooks of operators, and not to the one that it is about", async () => {
    const { key: operator } = await createKey(db, "ops", "operator");
    const events = ["alert.firing"] as const;
    const { webhook } = await createWebhook(db, { keyId: operator.id, url: "https://a.example/", events });
    await createWebhook(db, { keyId: operator.id, url: "https://b.example/", events });
    await createWebhook(db, { keyId, url: "https://users.example/", events });
    const alert = await fire(webhook.id);
    expect(await told()).toEqual(["alert.firing https://b.example/"]);
    const [row] = await bodies();
    expect(JSON.parse(row!.body)).toEqual({
      ...{ type: "alert.firing", version: 1, timestamp: expect.any(String) },
      data: JSON.parse(JSON.stringify(alert)),
    });
  });

  test("that another leader has told already is not told again", async () => {
    const { key: operator } = await createKey(db, "ops", "operator");
    await createWebhook(db, { keyId: operator.id, url: HOOK, events: ["alert.firing"] });
    await fire("pager");
    await fire("pager");
    expect(await told()).toHaveLength(1);
  });
});
