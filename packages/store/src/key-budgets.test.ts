import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { ensureDomain } from "./domains.ts";
import { addPages } from "./frontier.ts";
import { insertJob } from "./insert-job.ts";
import { cancelJob } from "./job-orders.ts";
import { beginExpansion, finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { readPagesToday } from "./key-budgets.ts";
import { createKey } from "./keys.ts";
import { found, OPTIONS, openFixture } from "./testing/fixtures.ts";

let db: Database;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ db, close } = await openFixture());
});
afterAll(() => close());

const DOMAIN = "quota.example";
const newKey = async () => (await createKey(db, "limited", "standard")).key.id;
const used = async (keyId: string) => (await readPagesToday(db, keyId)).used;

interface Change {
  readonly idempotency?: string;
  readonly followLinks?: boolean;
}

async function submit(keyId: string, maxPages: number, { idempotency, followLinks = false }: Change = {}) {
  const domainId = await ensureDomain(db, DOMAIN, {
    ...{ requestsPerSecond: 3, burst: 5, concurrency: 3, source: "default" },
  });
  const { id } = await insertJob(
    db,
    {
      ...{ keyId, url: `https://${DOMAIN}/`, domainId, tier: "normal", region: "default", webhookUrl: null },
      options: { ...OPTIONS, maxPages, followLinks },
      idempotency: idempotency === undefined ? null : { key: idempotency, requestHash: Buffer.from("x") },
    },
    500,
  );
  return id;
}

async function expand(job: string, pages: number) {
  await beginExpansion(db, job);
  await addPages(db, job, DOMAIN, found(pages, `https://${DOMAIN}/${job}/`));
  await finishExpansion(db, job, DOMAIN, []);
}

const refusal = (pages: string) => ({ code: "quota-exceeded", message: expect.stringContaining(pages) });

test("a job that the day has no room for is not stored, and the refusal says how much there is", async () => {
  const key = await newKey();
  await submit(key, 300);
  await expect(submit(key, 201)).rejects.toMatchObject(
    refusal("at most 200 more pages today, for 300 of 500"),
  );
  await submit(key, 200);
  await expect(submit(key, 1)).rejects.toMatchObject(refusal("at most 0 more pages today"));
  expect(await used(key)).toBe(500);
});

test("a job counts what it may visit until its pages are known, then those that it has", async () => {
  const key = await newKey();
  const job = await submit(key, 500);
  await expect(submit(key, 1)).rejects.toMatchObject({ code: "quota-exceeded" });
  await expand(job, 20);
  expect(await used(key)).toBe(20);
  await submit(key, 480);
  await expect(submit(key, 1)).rejects.toMatchObject({ code: "quota-exceeded" });
});

test("links may bring more pages to the end", async () => {
  const key = await newKey();
  const job = await submit(key, 400, { followLinks: true });
  await expand(job, 20);
  expect(await used(key)).toBe(400);
});

test("what is cancelled before it was visited costs nothing", async () => {
  const key = await newKey();
  const job = await submit(key, 500);
  await cancelJob(db, (await getJob(db, job))!);
  expect(await used(key)).toBe(0);
  await submit(key, 500);
});

test("a repeated submission counts once", async () => {
  const key = await newKey();
  const first = await submit(key, 400, { idempotency: "same" });
  expect(await submit(key, 400, { idempotency: "same" })).toBe(first);
  expect(await used(key)).toBe(400);
});

test("yesterday's jobs count for yesterday", async () => {
  const key = await newKey();
  await submit(key, 500);
  await sql`update jobs set created_at = created_at - interval '1 day' where key_id = ${key}`.execute(db);
  await sql`update page_budgets set day = day - 1 where key_id = ${key}`.execute(db);
  await submit(key, 500);
});

test("of many submissions at once those get through that there is room for", async () => {
  const key = await newKey();
  const submissions = await Promise.allSettled(Array.from({ length: 20 }, () => submit(key, 100)));
  expect(submissions.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
  expect(await used(key)).toBe(500);
});
