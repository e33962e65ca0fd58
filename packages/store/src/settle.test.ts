import { countsAddUp, type Settlement, type VisitTask } from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { cancelJob } from "./job-orders.ts";
import { finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { listPages } from "./pages.ts";
import { settle } from "./settle.ts";
import { readTallies } from "./tallies.ts";
import { found, OK, openFixture, resultOf, SEEN, seedJob, startJob as start } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** A running job with its first page released. */
async function startJob(domain: string, pages: number): Promise<{ job: string; task: VisitTask }> {
  const { job, tasks } = await start(db, { keyId, domain, pages });
  return { job, task: tasks[0]! };
}

const settleOne = (task: VisitTask, settlement: Settlement) => settle(db, [resultOf(task, settlement)]);

test("the last page completes the job, and every read adds up", async () => {
  const { job, task } = await startJob("one.test", 1);
  const { completedJobs, stale } = await settleOne(task, OK);
  expect({ completedJobs, stale }).toEqual({ completedJobs: [job], stale: 0 });
  const after = (await getJob(db, job))!;
  expect(after).toMatchObject({ status: "completed", counts: { total: 1, succeeded: 1 }, visits: 1 });
  expect(countsAddUp(after.counts)).toBe(true);
  expect((await readTallies(db, [job])).get(job)).toEqual({
    outcomes: { ok: 1 },
    cache: { "already-warm": 1 },
  });
});

test("a job that is still being expanded is not completed by its last known page", async () => {
  const domain = "expanding.test";
  const job = await seedJob(db, { keyId, domain });
  const { release } = await addPages(db, job, domain, found(1));
  await settleOne(release.visits[0]!.task, OK);
  expect((await getJob(db, job))!.status).toBe("expanding");
  await finishExpansion(db, job, domain, ["no sitemap was found"]);
  expect(await getJob(db, job)).toMatchObject({ status: "completed", warnings: ["no sitemap was found"] });
});

describe("the lease", () => {
  test("refuses a second result for the same release", async () => {
    const { job, task } = await startJob("fence.test", 1);
    await settleOne(task, OK);
    const broken: Settlement = { ...OK, outcome: "broken", cache: "none" } as Settlement;
    expect((await settleOne(task, broken)).stale).toBe(1);
    expect((await getJob(db, job))!.counts).toMatchObject({ succeeded: 1, failed: 0 });
  });

  test("refuses the result of a job that was cancelled meanwhile", async () => {
    const { job, task } = await startJob("late.test", 3);
    await cancelJob(db, { id: job, domain: "late.test" });
    expect((await settleOne(task, OK)).stale).toBe(1);
    expect(await getJob(db, job)).toMatchObject({
      status: "cancelled",
      counts: { total: 3, cancelled: 3, released: 0 },
    });
  });
});

describe("a miss", () => {
  test("is visited once more, at the address that answered, after its pause", async () => {
    const { job, task } = await startJob("prove.test", 1);
    const seen = { ...SEEN, redirects: ["https://prove.test/new"] };
    const first = await settleOne(task, { type: "prove", delayMs: 50, seen });
    expect(first.release.visits).toEqual([]);
    expect(first.release.wakes).toEqual([{ domain: "prove.test", inMs: expect.any(Number) }]);
    expect((await getJob(db, job))!.counts).toMatchObject({ pending: 1, released: 0 });

    await new Promise((resolve) => setTimeout(resolve, 60));
    const [visit] = (await releaseDomain(db, "prove.test")).visits;
    expect(visit!.task).toMatchObject({ visit: "prove", url: "https://prove.test/new", lease: 2 });
    await settleOne(visit!.task, { ...OK, cache: "warmed", seen: { ...SEEN, ttfbMs: 4 } } as Settlement);
    const [page] = await listPages(db, job, { limit: 10 });
    expect(page).toMatchObject({
      cache: "warmed",
      ttfbMs: 120,
      provedTtfbMs: 4,
      attempts: 2,
      redirects: ["https://prove.test/new"],
    });
  });
});

describe("a closed domain", () => {
  test("takes its page back uncounted and releases nothing until it opens", async () => {
    const { job, task } = await startJob("closed.test", 5);
    const settlement: Settlement = {
      type: "hand-back",
      delayMs: 60_000,
      closed: "retry-after",
      reason: "429",
    };
    const { release } = await settleOne(task, settlement);
    expect(release.visits).toEqual([]);
    expect(release.wakes).toEqual([{ domain: "closed.test", inMs: 60_000 }]);
    const after = (await getJob(db, job))!;
    expect(after).toMatchObject({ visits: 0, counts: { pending: 5 }, closedReason: "retry-after" });
    expect(after.closedUntil!.getTime()).toBeGreaterThan(Date.now() + 50_000);
  });
});

test("a counted retry comes back later with its attempt", async () => {
  const { job, task } = await startJob("retry.test", 1);
  await settleOne(task, { type: "retry", delayMs: 10_000, reason: "connection refused", status: null });
  const [page] = await listPages(db, job, { limit: 1 });
  expect(page).toMatchObject({ outcome: null, attempts: 1, reason: "connection refused" });
});

test("a domain of which five pages in a row were not reached is given up, for all that wait", async () => {
  const { job, task } = await startJob("gone.test", 8);
  const lost = { ...OK, outcome: "unreachable", cache: "none", reason: "connection refused" } as Settlement;
  let next: VisitTask | undefined = task;
  for (let i = 0; i < 5; i++) next = (await settleOne(next!, lost)).release.visits[0]?.task;
  expect(next).toBeUndefined();
  expect(await getJob(db, job)).toMatchObject({ status: "completed", counts: { failed: 8, pending: 0 } });
  const pages = await listPages(db, job, { outcome: "unreachable", limit: 10 });
  expect(pages.at(-1)!.reason).toMatch(/not reached for 5 pages in a row/);

  // The next job finds out anew.
  const again = await startJob("gone.test", 3);
  await settleOne(again.task, lost);
  expect((await getJob(db, again.job))!.counts).toMatchObject({ failed: 1, released: 1, pending: 1 });
});

test("texts that Postgres refuses are stored without what it refuses", async () => {
  const { job, task } = await startJob("hostile.test", 1);
  const seen = { ...SEEN, edge: "a\0b", redirects: ["https://hostile.test/\ud800"] };
  await settleOne(task, { ...OK, reason: `Denied\0 ${"x".repeat(1_000)}\ud83d`, seen } as Settlement);
  const [page] = await listPages(db, job, { limit: 1 });
  expect(page!.reason).toMatch(/^Denied x+$/);
  expect(page).toMatchObject({ outcome: "ok", edge: "ab", redirects: ["https://hostile.test/\ufffd"] });
});

test("of two leases of a page in one batch the newer counts, for its own outcome", async () => {
  const { job, task } = await startJob("leases.test", 1);
  const broken: Settlement = { ...OK, outcome: "broken" } as Settlement;
  const { stale } = await settle(db, [resultOf(task), resultOf({ ...task, lease: task.lease + 1 }, broken)]);
  expect(stale).toBe(1);
  expect((await getJob(db, job))!.counts).toMatchObject({ succeeded: 1, failed: 0 });
});

test("eight settlers over the same domains do not deadlock, and nothing is lost", async () => {
  const domains = Array.from({ length: 6 }, (_, i) => `stress-${i}.test`);
  const jobs = await Promise.all(domains.map((domain) => startJob(domain, 60)));
  let open = jobs.map(({ task }) => task);
  while (open.length > 0) {
    // Each settler gets tasks of all domains, in an order of its own.
    const batches = Array.from({ length: 8 }, (_, n) => open.filter((_, i) => i % 8 === n).reverse());
    const results = await Promise.all(
      batches
        .filter((batch) => batch.length > 0)
        .map((batch) =>
          settle(
            db,
            batch.map((task) => resultOf(task)),
          ),
        ),
    );
    open = results.flatMap((result) => result.release.visits.map(({ task }) => task));
  }
  for (const { job } of jobs) {
    expect(await getJob(db, job)).toMatchObject({
      status: "completed",
      counts: { total: 60, succeeded: 60 },
    });
  }
});
