import {
  countsAddUp,
  FEWEST_TURNED_AWAY,
  LATEST_ANSWERS,
  NOTHING_SEEN,
  type Settlement,
  type VisitTask,
  WALLED_REASON,
} from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import { pauseJob, retryJob } from "./job-orders.ts";
import { getJob } from "./jobs.ts";
import { listPages } from "./pages.ts";
import { settle } from "./settle.ts";
import { readTallies } from "./tallies.ts";
import { found, OK, openFixture, resultOf, SEEN, seedJob, startJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** More than one transaction ends. */
const MANY = 10_004;

const SITE = 60;

const WALL: Settlement = {
  type: "done",
  outcome: "blocked",
  cache: "none",
  reason: "Cloudflare turned us away (cf-mitigated: challenge)",
  seen: { ...NOTHING_SEEN, status: 403 },
};

const HOPELESS: Settlement = {
  type: "hand-back",
  delayMs: 480_000,
  closed: "circuit-open",
  reason: "the circuit is open",
  givenUp: "the domain failed at 5 tries in a row",
};

const settleOne = (task: VisitTask, settlement: Settlement) => settle(db, [resultOf(task, settlement)]);

describe("a domain that failed too often in a row", () => {
  test("has the waiting pages of all its jobs ended, but not those of a paused one", async () => {
    const domain = "failing.test";
    const { job, tasks } = await startJob(db, { keyId, domain, pages: 8 });
    const other = (await startJob(db, { keyId, domain, pages: 5 })).job;
    const paused = (await startJob(db, { keyId, domain, pages: 3 })).job;
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
    const { job, tasks } = await startJob(db, { keyId, domain, pages: 3 });
    const { stale } = await settleOne({ ...tasks[0]!, lease: 99 }, HOPELESS);
    expect(stale).toBe(1);
    expect((await getJob(db, job))!.counts).toMatchObject({ pending: 2, released: 1, failed: 0 });
  });

  test("leaves pages fine that only waited for their proof", async () => {
    const domain = "proved.test";
    const { job, tasks } = await startJob(db, { keyId, domain, pages: 2 });
    const { release } = await settleOne(tasks[0]!, { type: "prove", delayMs: 60_000, seen: SEEN });
    await settleOne(release.visits[0]!.task, HOPELESS);
    expect((await getJob(db, job))!.counts).toMatchObject({ succeeded: 1, failed: 1 });
  });

  test("leaves what a page answered before told with it", async () => {
    const domain = "answered.test";
    const { job, tasks } = await startJob(db, { keyId, domain, pages: 2 });
    const retry: Settlement = { type: "retry", delayMs: 60_000, reason: "answered 500", status: 500 };
    const { release } = await settleOne(tasks[0]!, retry);
    await settleOne(release.visits[0]!.task, HOPELESS);
    const pages = await listPages(db, job, { limit: 5 });
    const told = pages.map(({ outcome, status, reason }) => ({ outcome, status, reason }));
    expect(told).toContainEqual({
      ...{ outcome: "unreachable", status: 500 },
      reason: "answered 500; the domain failed at 5 tries in a row",
    });
    expect(told).toContainEqual({
      ...{ outcome: "unreachable", status: null },
      reason: "the domain failed at 5 tries in a row",
    });
  });

  test("stays closed for as long as its circuit says", async () => {
    const domain = "closed.test";
    const { tasks } = await startJob(db, { keyId, domain, pages: 2 });
    await settleOne(tasks[0]!, HOPELESS);
    const job = await seedJob(db, { keyId, domain });
    const { release } = await addPages(db, job, domain, found(2, `https://${domain}/new/`));
    expect(release.visits).toEqual([]);
    expect(release.wakes[0]!.inMs).toBeGreaterThan(400_000);
  });

  test("with more pages than one transaction ends has the rest ended by the next", async () => {
    const domain = "large.test";
    const { job, tasks } = await startJob(db, {
      keyId,
      domain,
      pages: MANY + 1,
      options: { maxPages: 20_000 },
    });
    const { release } = await settleOne(tasks[0]!, HOPELESS);
    expect((await getJob(db, job))!.counts).toMatchObject({ failed: 10_000, pending: 4, released: 1 });
    await settleOne(release.visits[0]!.task, HOPELESS);
    expect(await getJob(db, job)).toMatchObject({ status: "completed", counts: { failed: MANY + 1 } });
  });
});

/** A job of a domain whose pages are all known, and a way to settle the next of them. */
async function startWalk(domain: string, pages = SITE) {
  const { job, tasks } = await startJob(db, { keyId, domain, pages, options: { maxPages: pages } });
  const waiting = [...tasks];
  /** Settles the next page, in the order in which pages are released. */
  async function next(settlement: Settlement): Promise<void> {
    const { release } = await settle(db, [resultOf(waiting.shift()!, settlement)]);
    waiting.push(...release.visits.map(({ task }) => task));
  }
  async function nextOf(count: number, settlement: Settlement): Promise<void> {
    for (let i = 0; i < count; i++) await next(settlement);
  }
  return { job, next, nextOf, waiting, read: async () => (await getJob(db, job))! };
}

/** Settles what was released of the other job, so that the window has room. */
async function settleOthers(tasks: readonly VisitTask[]): Promise<VisitTask[]> {
  const { release } = await settle(
    db,
    tasks.map((task) => resultOf(task)),
  );
  return release.visits.map(({ task }) => task);
}

describe("a job that a wall keeps out", () => {
  test("ten walls in a row end the job: what waits was never asked for, and says so", async () => {
    const { job, nextOf, read, waiting } = await startWalk("walled.test");
    await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
    expect(await read()).toMatchObject({ status: "running", counts: { failed: FEWEST_TURNED_AWAY - 1 } });
    await nextOf(1, WALL);
    const after = await read();
    expect(after).toMatchObject({ status: "completed", counts: { total: SITE, failed: SITE, pending: 0 } });
    expect(countsAddUp(after.counts)).toBe(true);
    expect(waiting).toEqual([]);
    expect((await readTallies(db, [job])).get(job)).toEqual({ outcomes: { blocked: SITE }, cache: {} });
    const pages = await listPages(db, job, { limit: 100 });
    const untried = pages.filter((page) => page.reason === WALLED_REASON);
    expect(untried).toHaveLength(SITE - FEWEST_TURNED_AWAY);
    expect(
      untried.every((page) => page.attempts === 0 && page.status === null && page.finishedAt !== null),
    ).toBe(true);
  });

  test.each<[string, Settlement]>([
    ["a page that is fine", OK],
    ["a page that is missing", { ...OK, outcome: "broken", cache: "none" } as Settlement],
  ])("%s shows that pages get through: a part of the site may be walled", async (what, answer) => {
    const { next, nextOf, read } = await startWalk(`${what.split(" ").at(-1)}.test`);
    await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
    await next(answer);
    await nextOf(LATEST_ANSWERS - 1, WALL);
    expect((await read()).status).toBe("running");
    await nextOf(1, WALL);
    expect((await read()).status).toBe("completed");
  });

  test("a page that did not answer neither counts nor begins it anew", async () => {
    const { next, nextOf, read } = await startWalk("silent.test");
    await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
    await next({ ...WALL, outcome: "unreachable" } as Settlement);
    expect((await read()).status).toBe("running");
    await nextOf(1, WALL);
    expect((await read()).status).toBe("completed");
  });

  test("a page that waits for its proof stays fine", async () => {
    const { job, next, nextOf, read } = await startWalk("proof.test");
    await next({ type: "prove", delayMs: 60_000, seen: SEEN });
    await nextOf(FEWEST_TURNED_AWAY, WALL);
    expect(await read()).toMatchObject({ status: "completed", counts: { succeeded: 1, failed: SITE - 1 } });
    const [first] = await listPages(db, job, { limit: 1 });
    expect(first).toMatchObject({ outcome: "ok", cache: "unproven", status: 200, reason: WALLED_REASON });
  });

  test("other jobs of the domain go on", async () => {
    const domain = "shared.test";
    const { nextOf, read, waiting } = await startWalk(domain, FEWEST_TURNED_AWAY + 1);
    const other = await seedJob(db, { keyId, domain });
    await addPages(db, other, domain, found(5, `https://${domain}/other-`));
    // Both take turns; what is released of the other one stays with its worker.
    while ((await read()).status === "running") {
      const own = waiting.findIndex((task) => task.job !== other);
      if (own < 0) waiting.push(...(await settleOthers(waiting.splice(0))));
      else {
        waiting.unshift(...waiting.splice(own, 1));
        await nextOf(1, WALL);
      }
    }
    const { counts } = (await getJob(db, other))!;
    expect(counts.failed).toBe(0);
    expect(counts.pending + counts.released + counts.succeeded).toBe(5);
  });

  test("when it is retried, it knocks ten times again", async () => {
    const domain = "again.test";
    const { job, nextOf, read, waiting } = await startWalk(domain);
    await nextOf(FEWEST_TURNED_AWAY, WALL);
    waiting.push(...(await retryJob(db, { id: job, domain })).release.visits.map(({ task }) => task));
    expect(await read()).toMatchObject({ status: "running", counts: { failed: 0 } });
    await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
    expect(await read()).toMatchObject({ status: "running", counts: { failed: FEWEST_TURNED_AWAY - 1 } });
    await nextOf(1, WALL);
    expect(await read()).toMatchObject({ status: "completed", counts: { failed: SITE } });
  });

  test("a job of more pages than one transaction ends is ended by the next pages that are turned away", async () => {
    const { nextOf, read } = await startWalk("large-walled.test", FEWEST_TURNED_AWAY + MANY);
    await nextOf(FEWEST_TURNED_AWAY, WALL);
    expect(await read()).toMatchObject({
      status: "running",
      counts: { failed: FEWEST_TURNED_AWAY + 10_000 },
    });
    await nextOf(1, WALL);
    expect(await read()).toMatchObject({
      status: "completed",
      counts: { pending: 0, failed: FEWEST_TURNED_AWAY + MANY },
    });
  });
});
