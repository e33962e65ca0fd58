import {
  countsAddUp,
  FEWEST_TURNED_AWAY,
  LATEST_ANSWERS,
  NOTHING_SEEN,
  type Settlement,
  WALLED_REASON,
} from "@bee/core";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { addPages } from "./frontier.ts";
import { retryJob } from "./job-orders.ts";
import { finishExpansion } from "./job-transitions.ts";
import { getJob, readTallies } from "./jobs.ts";
import { listPages } from "./pages.ts";
import type { Release } from "./release.ts";
import { settle } from "./settle.ts";
import { found, OK, openFixture, SEEN, seedJob } from "./testing/fixtures.ts";

const SITE = 60;

const WALL: Settlement = {
  type: "done",
  outcome: "blocked",
  cache: "none",
  reason: "Cloudflare turned us away (cf-mitigated: challenge)",
  seen: { ...NOTHING_SEEN, status: 403 },
};

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

/** A job of a domain whose pages are all known, and a way to settle the next of them. */
async function startJob(domain: string, pages = SITE) {
  const job = await seedJob(db, { keyId, domain, options: { maxPages: pages } });
  let { release } = await addPages(db, job, domain, found(pages, `https://${domain}/`));
  await finishExpansion(db, job, domain, []);
  const waiting = [...release.visits];
  /** Settles the next page, in the order in which pages are released; @returns what the settling released. */
  async function next(settlement: Settlement): Promise<Release> {
    const { task } = waiting.shift()!;
    ({ release } = await settle(db, [{ page: task.page, lease: task.lease, domain, settlement }]));
    waiting.push(...release.visits);
    return release;
  }
  async function nextOf(count: number, settlement: Settlement): Promise<void> {
    for (let i = 0; i < count; i++) await next(settlement);
  }
  return { job, next, nextOf, waiting, read: async () => (await getJob(db, job))! };
}

test("ten walls in a row end the job: what waits was never asked for, and says so", async () => {
  const { job, nextOf, read, waiting } = await startJob("walled.test");
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
  const { next, nextOf, read } = await startJob(`${what.split(" ").at(-1)}.test`);
  await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
  await next(answer);
  await nextOf(LATEST_ANSWERS - 1, WALL);
  expect((await read()).status).toBe("running");
  await nextOf(1, WALL);
  expect((await read()).status).toBe("completed");
});

test("a page that did not answer neither counts nor begins it anew", async () => {
  const { next, nextOf, read } = await startJob("silent.test");
  await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
  await next({ ...WALL, outcome: "unreachable" } as Settlement);
  expect((await read()).status).toBe("running");
  await nextOf(1, WALL);
  expect((await read()).status).toBe("completed");
});

test("a page that waits for its proof stays fine", async () => {
  const { job, next, nextOf, read } = await startJob("proof.test");
  await next({ type: "prove", delayMs: 60_000, seen: SEEN });
  await nextOf(FEWEST_TURNED_AWAY, WALL);
  expect(await read()).toMatchObject({ status: "completed", counts: { succeeded: 1, failed: SITE - 1 } });
  const [first] = await listPages(db, job, { limit: 1 });
  expect(first).toMatchObject({ outcome: "ok", cache: "unproven", status: 200, reason: WALLED_REASON });
});

test("other jobs of the domain go on", async () => {
  const domain = "shared.test";
  const { nextOf, read, waiting } = await startJob(domain, FEWEST_TURNED_AWAY + 1);
  const other = await seedJob(db, { keyId, domain });
  await addPages(db, other, domain, found(5, `https://${domain}/other-`));
  // Both take turns; what is released of the other one stays with its worker.
  while ((await read()).status === "running") {
    const own = waiting.findIndex(({ task }) => task.job !== other);
    if (own < 0) waiting.push(...(await releaseOwn(domain, waiting)));
    else {
      waiting.unshift(...waiting.splice(own, 1));
      await nextOf(1, WALL);
    }
  }
  const { counts } = (await getJob(db, other))!;
  expect(counts.failed).toBe(0);
  expect(counts.pending + counts.released + counts.succeeded).toBe(5);
});

/** Settles what was released of the other job, so that the window has room. */
async function releaseOwn(domain: string, waiting: { readonly task: { page: string; lease: number } }[]) {
  const items = waiting.splice(0).map(({ task }) => ({ ...task, domain, settlement: OK }));
  return (await settle(db, items)).release.visits;
}

test("when it is retried, it knocks ten times again", async () => {
  const domain = "again.test";
  const { job, nextOf, read, waiting } = await startJob(domain);
  await nextOf(FEWEST_TURNED_AWAY, WALL);
  waiting.push(...(await retryJob(db, { id: job, domain })).release.visits);
  expect(await read()).toMatchObject({ status: "running", counts: { failed: 0 } });
  await nextOf(FEWEST_TURNED_AWAY - 1, WALL);
  expect(await read()).toMatchObject({ status: "running", counts: { failed: FEWEST_TURNED_AWAY - 1 } });
  await nextOf(1, WALL);
  expect(await read()).toMatchObject({ status: "completed", counts: { failed: SITE } });
});

test("a job of more pages than one transaction ends is ended by the next pages that are turned away", async () => {
  const { nextOf, read } = await startJob("large.test", 2_500);
  await nextOf(FEWEST_TURNED_AWAY, WALL);
  expect(await read()).toMatchObject({ status: "running", counts: { failed: FEWEST_TURNED_AWAY + 2_000 } });
  await nextOf(1, WALL);
  expect(await read()).toMatchObject({ status: "completed", counts: { total: 2_500, failed: 2_500 } });
});
