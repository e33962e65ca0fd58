import { countsAddUp, type Settlement, type VisitTask } from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { closeDomain } from "./close-domain.ts";
import type { Database } from "./database.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { pauseJob } from "./job-orders.ts";
import { beginExpansion, finishExpansion } from "./job-transitions.ts";
import { getJob, readTallies } from "./jobs.ts";
import { settle } from "./settle.ts";
import { found, openFixture, SEEN, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const HOPELESS: Settlement = {
  type: "hand-back",
  delayMs: 480_000,
  closed: "circuit-open",
  reason: "the circuit is open",
  givenUp: "the domain failed at 5 tries in a row",
};

const settleOne = (task: VisitTask, settlement: Settlement) =>
  settle(db, [{ page: task.page, lease: task.lease, domain: task.domain, settlement }]);

async function startJob(domain: string, pages: number): Promise<{ job: string; tasks: VisitTask[] }> {
  const job = await seedJob(db, { keyId, domain });
  const { release } = await addPages(db, job, domain, found(pages, `https://${domain}/${job}/`));
  await finishExpansion(db, job, domain, []);
  return { job, tasks: release.visits.map(({ task }) => task) };
}

describe("a domain that failed too often in a row", () => {
  test("has the waiting pages of all its jobs ended, but not those of a paused one", async () => {
    const domain = "failing.test";
    const { job, tasks } = await startJob(domain, 8);
    const other = (await startJob(domain, 5)).job;
    const paused = (await startJob(domain, 3)).job;
    await pauseJob(db, { id: paused, domain });
    const { completedJobs } = await settleOne(tasks[0]!, HOPELESS);
    expect(completedJobs.toSorted()).toEqual([job, other].toSorted());
    const after = (await getJob(db, job))!;
    expect(after.counts).toMatchObject({ total: 8, failed: 8, pending: 0, released: 0 });
    expect(countsAddUp(after.counts)).toBe(true);
    expect((await readTallies(db, [other])).get(other)!.outcomes).toEqual({ unreachable: 5 });
    expect((await getJob(db, paused))!.counts).toMatchObject({ pending: 3, failed: 0 });
  });

  test("is not given up by a result that comes too late", async () => {
    const domain = "late.test";
    const { job, tasks } = await startJob(domain, 3);
    const { stale } = await settleOne({ ...tasks[0]!, lease: 99 }, HOPELESS);
    expect(stale).toBe(1);
    expect((await getJob(db, job))!.counts).toMatchObject({ pending: 2, released: 1, failed: 0 });
  });

  test("leaves pages fine that only waited for their proof", async () => {
    const domain = "proved.test";
    const { job, tasks } = await startJob(domain, 2);
    const { release } = await settleOne(tasks[0]!, { type: "prove", delayMs: 60_000, seen: SEEN });
    await settleOne(release.visits[0]!.task, HOPELESS);
    expect((await getJob(db, job))!.counts).toMatchObject({ succeeded: 1, failed: 1 });
  });

  test("stays closed for as long as its circuit says", async () => {
    const domain = "closed.test";
    const { tasks } = await startJob(domain, 2);
    await settleOne(tasks[0]!, HOPELESS);
    const job = await seedJob(db, { keyId, domain });
    const { release } = await addPages(db, job, domain, found(2, `https://${domain}/new/`));
    expect(release.visits).toEqual([]);
    expect(release.wakes[0]!.inMs).toBeGreaterThan(400_000);
  });

  test("with more pages than one transaction ends has the rest ended by the next", async () => {
    const domain = "large.test";
    const { job, tasks } = await startJob(domain, 1);
    await sql`update jobs set status = 'expanding', expanded = false, options = jsonb_set(options, '{maxPages}', '20000')
      where id = ${job}`.execute(db);
    await addPages(db, job, domain, found(10_004, `https://${domain}/more/`));
    await finishExpansion(db, job, domain, []);
    const { release } = await settleOne(tasks[0]!, HOPELESS);
    expect((await getJob(db, job))!.counts).toMatchObject({ failed: 10_000, pending: 4, released: 1 });
    await settleOne(release.visits[0]!.task, HOPELESS);
    expect(await getJob(db, job)).toMatchObject({ status: "completed", counts: { failed: 10_005 } });
  });
});

describe("an expansion that may not go on", () => {
  test("closes its domain, and whoever opens it puts the expansion on its way again", async () => {
    const domain = "expanding.test";
    const job = await seedJob(db, { keyId, domain });
    const { wakes } = await closeDomain(db, domain, 60_000, "retry-after");
    expect(wakes).toEqual([{ domain, inMs: 60_000 }]);
    expect(await beginExpansion(db, job)).toBe(false);
    expect((await releaseDomain(db, domain)).expansions).toEqual([]);
    await sql`update domains set closed_until = now() where name = ${domain}`.execute(db);
    expect((await releaseDomain(db, domain)).expansions).toEqual([{ job, tier: "normal" }]);
    expect((await releaseDomain(db, domain)).expansions).toEqual([]);
    expect(await beginExpansion(db, job)).toBe(true);
  });

  test("does not shorten a longer closing", async () => {
    const domain = "longer.test";
    await seedJob(db, { keyId, domain });
    await closeDomain(db, domain, 60_000, "retry-after");
    const { wakes } = await closeDomain(db, domain, 1_000, "circuit-open");
    expect(wakes[0]!.inMs).toBeGreaterThan(50_000);
  });
});
