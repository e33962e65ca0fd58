import { countsAddUp, type Outcome, type Settlement, type VisitTask } from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { dueExpansions } from "./expansion-turns.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { cancelJob, pauseJob, resumeJob, retryJob } from "./job-orders.ts";
import { beginExpansion, failJob, finishExpansion } from "./job-transitions.ts";
import { getJob, listStopped } from "./jobs.ts";
import { listPages } from "./pages.ts";
import { listAsleep } from "./reconcile.ts";
import { settle } from "./settle.ts";
import { listSwept, sweepJob } from "./sweep.ts";
import { readTallies } from "./tallies.ts";
import { found, OK, openFixture, resultOf, seedJob, startJob as start } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** More than two chunks of a sweep. */
const MANY = 5_000;

async function startJob(domain: string, pages: number) {
  const { job: id, tasks } = await start(db, { keyId, domain, pages, options: { maxPages: 100_000 } });
  return { id, domain, task: tasks[0]! };
}

const settleOne = (task: VisitTask, settlement: Settlement) => settle(db, [resultOf(task, settlement)]);

const ended = (outcome: Outcome): Settlement => ({ ...OK, outcome }) as Settlement;

/** Settles what is released, and what that releases, until nothing is. @returns the URLs in their order. */
async function visitAll(first: readonly VisitTask[], outcomeOf: (url: string) => Outcome): Promise<string[]> {
  const urls: string[] = [];
  for (const open = [...first]; open.length > 0; ) {
    const task = open.shift()!;
    urls.push(task.url);
    const { release } = await settleOne(task, ended(outcomeOf(task.url)));
    open.push(...release.visits.map((visit) => visit.task));
  }
  return urls;
}

async function countsOf(id: string) {
  return (await getJob(db, id))!.counts;
}

describe("cancelling", () => {
  test("a large job answers after a first chunk; the rest follows in chunks, and every read adds up", async () => {
    const job = await startJob("large.test", MANY);
    const reads: boolean[] = [];
    let sweeping = true;
    const reader = (async () => {
      while (sweeping) reads.push(countsAddUp(await countsOf(job.id)) && (await pagesAddUp(job.id)));
    })();
    const { sweep } = await cancelJob(db, job);
    const first = await countsOf(job.id);
    expect(sweep).toBe(true);
    expect(first).toMatchObject({ released: 0, pending: expect.any(Number) });
    expect(first.pending).toBeGreaterThan(0);
    expect(await listSwept(db, 10)).toEqual([{ id: job.id, domain: job.domain }]);
    while (!(await sweepJob(db, job)).done);
    sweeping = false;
    await reader;
    expect(reads.length).toBeGreaterThan(0);
    expect(reads).not.toContain(false);
    expect(await getJob(db, job.id)).toMatchObject({
      status: "cancelled",
      counts: { total: MANY, pending: 0, cancelled: MANY },
    });
    expect((await readTallies(db, [job.id])).get(job.id)!.outcomes).toEqual({ cancelled: MANY });
    expect(await listSwept(db, 10)).toEqual([]);
  });

  test("releases none of the pages that are left for the sweep", async () => {
    const job = await startJob("rest.test", MANY);
    await cancelJob(db, job);
    expect((await releaseDomain(db, job.domain)).visits).toEqual([]);
    expect((await listAsleep(db, 100)).map(({ domain }) => domain)).not.toContain(job.domain);
  });

  test("by two at once leaves nothing and counts nothing twice", async () => {
    const job = await startJob("both.test", MANY);
    await Promise.all([cancelJob(db, job), cancelJob(db, job)]);
    const sweepAll = async () => {
      while (!(await sweepJob(db, job)).done);
    };
    await Promise.all([sweepAll(), sweepAll()]);
    expect(await countsOf(job.id)).toMatchObject({ total: MANY, cancelled: MANY, pending: 0 });
  });
});

/** Whether the counters say what the pages say, read in one statement. */
async function pagesAddUp(id: string): Promise<boolean> {
  const { rows } = await sql<{ right: boolean }>`
    select j.total = count(*) and j.pending = count(*) filter (where p.state = 'pending')
      and j.cancelled = count(*) filter (where p.state = 'cancelled') as right
    from jobs j join pages p on p.job_id = j.id where j.id = ${id} group by j.id`.execute(db);
  return rows[0]!.right;
}

describe("a paused job", () => {
  test("has no page released until it is resumed, and then goes on with each page once", async () => {
    const job = await startJob("paused.test", 30);
    await pauseJob(db, job);
    // The visit that was under way counts.
    expect((await settleOne(job.task, OK)).release).toEqual({ visits: [], wakes: [], expansions: [] });
    expect(await getJob(db, job.id)).toMatchObject({
      status: "paused",
      counts: { succeeded: 1, released: 0, pending: 29 },
    });
    expect((await listAsleep(db, 100)).map(({ domain }) => domain)).not.toContain(job.domain);
    const { release } = await resumeJob(db, job);
    const urls = await visitAll(
      release.visits.map(({ task }) => task),
      () => "ok",
    );
    expect(new Set(urls).size).toBe(29);
    expect(urls).toHaveLength(29);
    expect(await getJob(db, job.id)).toMatchObject({ status: "completed", counts: { succeeded: 30 } });
  });

  test("leaves the domain to its other jobs", async () => {
    const domain = "shared.test";
    const first = await startJob(domain, 20);
    const second = await seedJob(db, { keyId, domain });
    await addPages(db, second, domain, found(20, `https://${domain}/b`));
    await pauseJob(db, first);
    const { release } = await settleOne(first.task, OK);
    expect(new Set(release.visits.map(({ task }) => task.job))).toEqual(new Set([second]));
  });

  test("whose pages that were under way were its last is completed when it is resumed", async () => {
    const job = await startJob("last.test", 1);
    await pauseJob(db, job);
    await settleOne(job.task, OK);
    expect((await getJob(db, job.id))!.status).toBe("paused");
    await resumeJob(db, job);
    expect((await getJob(db, job.id))!.status).toBe("completed");
  });

  test("can be cancelled", async () => {
    const job = await startJob("undone.test", 5);
    await pauseJob(db, job);
    await cancelJob(db, job);
    expect(await getJob(db, job.id)).toMatchObject({ status: "cancelled", counts: { cancelled: 5 } });
  });

  test("is named to the workers that ask, as ended ones are, and others are not", async () => {
    const [paused, cancelled, running] = [
      await startJob("a.test", 1),
      await startJob("b.test", 1),
      await startJob("c.test", 1),
    ];
    await pauseJob(db, paused);
    await cancelJob(db, cancelled);
    const stopped = await listStopped(db, [paused.id, cancelled.id, running.id]);
    expect(stopped.sort()).toEqual([paused.id, cancelled.id].sort());
  });

  test.each(["pending", "expanding"] as const)(
    "that was %s goes back to that, to be expanded",
    async (was) => {
      const domain = `${was}.test`;
      const id = await seedJob(db, { keyId, domain });
      if (was === "pending") {
        await sql`update jobs set status = 'pending', started_at = null where id = ${id}`.execute(db);
      }
      const job = { id, domain };
      await pauseJob(db, job);
      expect(await beginExpansion(db, id)).toBeUndefined();
      expect((await dueExpansions(db)).map(({ job }) => job)).not.toContain(id);
      expect(await resumeJob(db, job)).toMatchObject({
        changed: true,
        release: { expansions: [{ job: id }] },
      });
      expect((await getJob(db, id))!.status).toBe(was);
      expect((await dueExpansions(db)).map(({ job }) => job)).toContain(id);
      expect(await beginExpansion(db, id)).toMatchObject({ status: "expanding" });
    },
  );

  test("whose expansion ended with the pause is not expanded again", async () => {
    const domain = "moment.test";
    const id = await seedJob(db, { keyId, domain });
    await addPages(db, id, domain, found(3));
    await pauseJob(db, { id, domain });
    await finishExpansion(db, id, domain, []);
    expect((await getJob(db, id))!.status).toBe("paused");
    expect(await resumeJob(db, { id, domain })).toMatchObject({ release: { expansions: [] } });
    expect((await getJob(db, id))!.status).toBe("running");
  });

  test("is paused once, however often that is asked, and resumed once", async () => {
    const job = await startJob("often.test", 3);
    expect((await pauseJob(db, job)).changed).toBe(true);
    expect((await pauseJob(db, job)).changed).toBe(false);
    expect((await resumeJob(db, job)).changed).toBe(true);
    expect((await resumeJob(db, job)).changed).toBe(false);
  });
});

describe("a retry", () => {
  const bad = (url: string): Outcome => (/[02468]$/.test(url) ? "broken" : "ok");

  test("visits the pages that failed, and no other", async () => {
    const job = await startJob("again.test", 10);
    await visitAll([job.task], bad);
    expect(await getJob(db, job.id)).toMatchObject({ status: "completed", counts: { failed: 5 } });

    const { release } = await retryJob(db, job);
    expect(await getJob(db, job.id)).toMatchObject({ status: "running", finishedAt: null });
    expect(countsAddUp(await countsOf(job.id))).toBe(true);
    expect(release.visits[0]!.task).toMatchObject({ attempts: 0, visit: "warm", lease: 2 });
    const urls = await visitAll(
      release.visits.map(({ task }) => task),
      () => "ok",
    );
    expect(urls.sort()).toEqual([0, 2, 4, 6, 8].map((i) => `https://again.test/${i}`));
    expect(await getJob(db, job.id)).toMatchObject({
      status: "completed",
      counts: { total: 10, succeeded: 10, failed: 0 },
    });
    expect((await readTallies(db, [job.id])).get(job.id)!.outcomes).toEqual({ ok: 10 });
    expect(await listPages(db, job.id, { outcome: "broken", limit: 5 })).toEqual([]);
  });

  test("of many pages brings them back in chunks, and the job does not end between two", async () => {
    const job = await startJob("many.test", MANY);
    await sql`update pages set state = 'failed', outcome = 'blocked', lease_until = null where job_id = ${job.id}`.execute(
      db,
    );
    await sql`update jobs set pending = 0, released = 0, failed = total, status = 'completed', finished_at = now()
      where id = ${job.id}`.execute(db);
    await sql`update domains set released = 0 where name = ${job.domain}`.execute(db);
    await sql`insert into tallies values (${job.id}, 'blocked', 'none', ${MANY})`.execute(db);
    const { sweep, release } = await retryJob(db, job);
    // One that fails again at once must not be taken for one that is still to be brought back.
    expect({ sweep, visits: release.visits }).toEqual({ sweep: true, visits: [] });
    let left = await sweepJob(db, job);
    expect(left.release.visits).toEqual([]);
    expect(countsAddUp(await countsOf(job.id))).toBe(true);
    while (!left.done) left = await sweepJob(db, job);
    expect(left.release.visits).toHaveLength(1);
    expect(await getJob(db, job.id)).toMatchObject({
      status: "running",
      counts: { total: MANY, failed: 0, pending: MANY - 1, released: 1 },
    });
  });

  test("of a job whose pages are all fine is refused, and changes nothing", async () => {
    const job = await startJob("fine.test", 2);
    await visitAll([job.task], () => "ok");
    const before = await getJob(db, job.id);
    await expect(retryJob(db, job)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/has none/),
    });
    expect(await getJob(db, job.id)).toEqual({ ...before, readAt: expect.any(Date) });
  });

  test("of a job that failed begins it anew, with the pages that were given up", async () => {
    const domain = "begun.test";
    const id = await seedJob(db, { keyId, domain });
    await addPages(db, id, domain, found(4));
    await failJob(db, id, domain, "robots.txt cannot be read");
    expect(await countsOf(id)).toMatchObject({ cancelled: 4 });
    const job = { id, domain };
    expect(await retryJob(db, job)).toMatchObject({ changed: true, release: { expansions: [{ job: id }] } });
    expect(await getJob(db, id)).toMatchObject({
      status: "pending",
      failure: null,
      counts: { total: 4, pending: 4, cancelled: 0 },
    });
    expect(await beginExpansion(db, id)).toMatchObject({ status: "expanding" });
    await finishExpansion(db, id, domain, []);
    expect((await getJob(db, id))!.status).toBe("running");
  });

  test.each(["cancelled", "running"] as const)("of a job that is %s is refused", async (status) => {
    const job = await startJob(`no-${status}.test`, 2);
    if (status === "cancelled") await cancelJob(db, job);
    await expect(retryJob(db, job)).rejects.toMatchObject({ code: "conflict" });
    expect((await getJob(db, job.id))!.status).toBe(status);
  });
});

test("a job that was cancelled meanwhile is not failed as well", async () => {
  const job = await startJob("keeps.test", 1);
  await cancelJob(db, job);
  await failJob(db, job.id, job.domain, "robots.txt cannot be read");
  expect(await getJob(db, job.id)).toMatchObject({ status: "cancelled", failure: null });
});
