import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import { getJob } from "./jobs.ts";
import { createKey } from "./keys.ts";
import { findNewlyFailed, findPreviousJob } from "./previous-job.ts";
import { openFixture, seedJob } from "./testing/fixtures.ts";

let fixture: Awaited<ReturnType<typeof openFixture>>;
let db: Database;
beforeAll(async () => {
  fixture = await openFixture();
  ({ db } = fixture);
});
afterAll(() => fixture.close());

interface End {
  readonly status?: "completed" | "failed" | "cancelled" | "running";
  readonly url?: string;
  readonly keyId?: string;
  readonly failed?: number;
}

/** A job that has ended some way, as far as its row tells. */
async function ended(
  domain: string,
  { status = "completed", url, keyId = fixture.keyId, failed = 0 }: End = {},
) {
  const id = await seedJob(db, { keyId, domain });
  await sql`update jobs set status = ${status}::job_status, url = ${url ?? `https://${domain}/`},
    total = ${failed}, failed = ${failed},
    finished_at = case when ${status} = 'running' then null else now() end where id = ${id}`.execute(db);
  return id;
}

async function previousOf(id: string, maxFailed = 100): Promise<string | undefined> {
  return (await findPreviousJob(db, (await getJob(db, id))!, maxFailed))?.id;
}

test("it is the last one before, not the first, and none that came later", async () => {
  await ended("order.test");
  const last = await ended("order.test");
  const here = await ended("order.test");
  await ended("order.test");
  expect(await previousOf(here)).toBe(last);
});

test("the first job of a site has none", async () => {
  await ended("other.test");
  expect(await previousOf(await ended("first.test"))).toBeUndefined();
});

test("when it ended comes with it", async () => {
  const before = await ended("when.test");
  const here = (await getJob(db, await ended("when.test")))!;
  const { finishedAt } = (await getJob(db, before))!;
  expect(await findPreviousJob(db, here, 100)).toEqual({ id: before, finishedAt });
});

test.each(["failed", "cancelled", "running"] as const)(
  "one that is %s did not see all pages",
  async (status) => {
    const domain = `${status}.test`;
    const complete = await ended(domain);
    await ended(domain, { status });
    expect(await previousOf(await ended(domain))).toBe(complete);
  },
);

test("another host or port of the same domain is another site; http and https are one", async () => {
  const same = await ended("hosts.test", { url: "http://hosts.test/shop" });
  await ended("hosts.test", { url: "https://www.hosts.test/" });
  await ended("hosts.test", { url: "https://hosts.test:8443/" });
  expect(await previousOf(await ended("hosts.test"))).toBe(same);
});

test("jobs of another key are not told of", async () => {
  const { key } = await createKey(db, "another", "standard");
  await ended("keys.test", { keyId: key.id });
  expect(await previousOf(await ended("keys.test"))).toBeUndefined();
});

test("one of which too much failed is not compared with, nor is one before it", async () => {
  await ended("down.test");
  await ended("down.test", { failed: 101 });
  expect(await previousOf(await ended("down.test"))).toBeUndefined();
});

test("of the pages that fail now it tells those that were visited and well before", async () => {
  const before = await withOutcomes({ a: "ok", b: "broken", c: "disallowed", d: "ok", e: null });
  const here = await withOutcomes({
    a: "broken",
    b: "blocked",
    c: "broken",
    d: "ok",
    e: "broken",
    f: "broken",
  });
  expect(await findNewlyFailed(db, here, before)).toEqual(["https://newly.test/a"]);
});

async function withOutcomes(outcomes: Readonly<Record<string, string | null>>): Promise<string> {
  const id = await seedJob(db, { keyId: fixture.keyId, domain: "newly.test" });
  const urlOf = (path: string) => `https://newly.test/${path}`;
  const pages = Object.keys(outcomes).map((path) => ({
    url: urlOf(path),
    foundOn: null,
    disallowedBy: null,
  }));
  await addPages(db, id, "newly.test", pages);
  for (const [path, outcome] of Object.entries(outcomes)) {
    await sql`update pages set outcome = ${outcome}::outcome where job_id = ${id} and url = ${urlOf(path)}`.execute(
      db,
    );
  }
  return id;
}
