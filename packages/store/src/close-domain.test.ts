import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { closeDomain } from "./close-domain.ts";
import type { Database } from "./database.ts";
import { releaseDomain } from "./frontier.ts";
import { beginExpansion } from "./job-transitions.ts";
import { settle } from "./settle.ts";
import { openFixture, resultOf, seedJob, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

test("a domain that fails is tried with a page that has not failed before, of those there are", async () => {
  const domain = "tried.test";
  const { job, tasks } = await startJob(db, { keyId, domain, pages: 3 });
  const failed = { type: "retry", delayMs: 0, reason: "answered 500", status: 500 } as const;
  const tried = [];
  for (let [task] = tasks; task !== undefined && tried.length < 4; ) {
    tried.push(task.url.at(-1));
    [task] = (await settle(db, [resultOf(task, failed)])).release.visits.map((visit) => visit.task);
    await sql`update pages set due_at = now() where job_id = ${job} and due_at is not null`.execute(db);
    task ??= (await releaseDomain(db, domain)).visits[0]?.task;
  }
  expect(tried).toEqual(["0", "1", "2", "0"]);
});

describe("an expansion that may not go on", () => {
  test("closes its domain, and whoever opens it puts the expansion on its way again", async () => {
    const domain = "expanding.test";
    const job = await seedJob(db, { keyId, domain });
    const { wakes } = await closeDomain(db, domain, 60_000, "retry-after");
    expect(wakes).toMatchObject([{ domain, inMs: 60_000 }]);
    expect(await beginExpansion(db, job)).toBeUndefined();
    expect((await releaseDomain(db, domain)).expansions).toEqual([]);
    await sql`update domains set closed_until = now() where name = ${domain}`.execute(db);
    expect((await releaseDomain(db, domain)).expansions).toMatchObject([{ job, domain, tier: "normal" }]);
    expect((await releaseDomain(db, domain)).expansions).toEqual([]);
    expect(await beginExpansion(db, job)).toMatchObject({ status: "expanding" });
  });

  test("does not shorten a longer closing", async () => {
    const domain = "longer.test";
    await seedJob(db, { keyId, domain });
    await closeDomain(db, domain, 60_000, "retry-after");
    const { wakes } = await closeDomain(db, domain, 1_000, "circuit-open");
    expect(wakes[0]!.inMs).toBeGreaterThan(50_000);
  });
});
