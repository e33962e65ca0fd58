import { countsAddUp, type RateRule, type Settlement, UNHURRIED, type VisitTask } from "@bee/core";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { sql } from "kysely";
import { quietDomain } from "./close-domain.ts";
import type { Database } from "./database.ts";
import { getDomain } from "./domain-views.ts";
import { setCrawlDelay } from "./domains.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { finishExpansion } from "./job-transitions.ts";
import { getJob } from "./jobs.ts";
import { listPages } from "./pages.ts";
import { readRule } from "./rule-in-force.ts";
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

const RULE: RateRule = { requestsPerSecond: 10, burst: 5, concurrency: 4 };

/** Turned away by the site itself; it named so many milliseconds. */
const refused = (askedMs: number | null = null): Settlement => ({
  type: "hand-back",
  closed: "retry-after",
  delayMs: askedMs ?? 5_000,
  reason: "answered 429",
  refused: { askedMs },
});
/** Not sent, because the domain was closed already. */
const TURNED_BACK: Settlement = {
  type: "hand-back",
  closed: "retry-after",
  delayMs: 1_000,
  reason: "closed",
};

/** A running job of some pages, whose domain has answered and so has its whole window released. */
async function startJob(domain: string, pages: number): Promise<{ job: string; tasks: VisitTask[] }> {
  const { job, tasks } = await start(db, { keyId, domain, pages, rule: RULE });
  return { job, tasks: (await settleAll(tasks, OK)).visits };
}

async function settleAll(tasks: readonly VisitTask[], settlement: Settlement) {
  const { release, pleas } = await settle(
    db,
    tasks.map((task) => resultOf(task, settlement)),
    () => 0,
  );
  return { ...release, pleas, visits: release.visits.map(({ task }) => task) };
}

/** The pause is over: what is released then. */
async function reopen(domain: string): Promise<VisitTask[]> {
  await sql`
    update domains set closed_until = now(), next_at = now() where name = ${domain}`.execute(db);
  await sql`
    update pages p set due_at = now() from domains d
    where d.id = p.domain_id and d.name = ${domain} and due_at is not null`.execute(db);
  return (await releaseDomain(db, domain)).visits.map(({ task }) => task);
}

async function pauseOf(domain: string): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select round(extract(epoch from closed_until - now()))::int as seconds from domains where name = ${domain}`.execute(
    db,
  );
  return rows[0]!.seconds;
}

describe("a site that asks for quiet", () => {
  test("for six hours gets six hours, and nothing of it is released", async () => {
    const { job, tasks } = await startJob("six-hours.test", 9);
    const { visits, wakes } = await settleAll(tasks, refused(21_600_000));
    expect(visits).toEqual([]);
    expect(wakes).toMatchObject([{ domain: "six-hours.test", inMs: 21_600_000 }]);
    const after = (await getJob(db, job))!;
    expect(after).toMatchObject({ closedReason: "retry-after", counts: { pending: 8, succeeded: 1 } });
    expect(after.closedUntil!.getTime() - after.readAt.getTime()).toBeGreaterThan(21_590_000);
  });

  test("without a time gets 5 s, then twice as long, however many requests were in flight together", async () => {
    const { tasks } = await startJob("doubling.test", 30);
    expect(tasks.length).toBeGreaterThan(4);
    // In one batch and in another.
    await settleAll(tasks.slice(0, 3), refused());
    await settleAll(tasks.slice(3), refused());
    expect(await pauseOf("doubling.test")).toBe(5);
    const pauses: number[] = [];
    const told: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      const next = await reopen("doubling.test");
      expect(next).toHaveLength(1);
      told.push(...(await settleAll(next, refused())).pleas);
      pauses.push(await pauseOf("doubling.test"));
    }
    expect(pauses).toEqual([10, 20, 40]);
    expect(told).toEqual(
      pauses.map((seconds) => ({ domain: "doubling.test", forMs: 1_000 * seconds, reason: "answered 429" })),
    );
  });

  test("starts again with one request at a time at a fifth of its rule, and is back after twenty good answers", async () => {
    const domain = "recovery.test";
    const { tasks } = await startJob(domain, 60);
    await settleAll(tasks, refused());
    let open = await reopen(domain);
    expect(open).toHaveLength(1);
    expect(open[0]!.rule).toEqual({ requestsPerSecond: 2, burst: 1, concurrency: 1 });

    const rates: number[] = [];
    const revisions = new Set<number>();
    for (let answers = 1; answers <= 20; answers++) {
      const [task, ...rest] = open;
      open = [...rest, ...(await settleAll([task!], OK)).visits];
      const { rule, revision } = (await readRule(db, domain))!;
      rates.push(Math.round(rule.requestsPerSecond));
      revisions.add(revision);
    }
    expect(rates).toEqual([2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 6, 8, 8, 8, 8, 8, 10]);
    expect((await readRule(db, domain))!.rule).toEqual(RULE);
    // The gates hear of a new rule at each step, not with each answer.
    expect(revisions.size).toBe(5);
    expect(open.at(-1)!).toMatchObject({ rule: RULE, ruleRevision: Math.max(...revisions) });
  });

  test("and serves what was in flight with the refusal is not taken for one that has recovered", async () => {
    const domain = "mixed.test";
    const { tasks } = await startJob(domain, 40);
    await settleAll(tasks.slice(0, 1), refused());
    await settleAll(tasks.slice(1), OK);
    const [next] = await reopen(domain);
    expect(next!.rule.requestsPerSecond).toBe(2);
    expect(await reopen(domain)).toEqual([]);
    const { rows } = await sql<{ earned: number }>`
      select (tolerance->'backoff'->>'earned')::int as earned from domains where name = ${domain}`.execute(
      db,
    );
    expect(rows).toEqual([{ earned: 0 }]);
  });

  test("in robots.txt too is slowed down from there", async () => {
    const domain = "delayed.test";
    const { tasks } = await startJob(domain, 20);
    await setCrawlDelay(db, domain, 0.5);
    await settleAll(tasks, refused());
    expect((await readRule(db, domain))!.rule).toEqual({
      requestsPerSecond: expect.closeTo(0.4),
      burst: 1,
      concurrency: 1,
    });
  });
});

test("a site that asks for quiet at a robots.txt or a sitemap gets more each time and is asked slowly, as at a page", async () => {
  const domain = "held-back.test";
  await startJob(domain, 9);
  const pauses: number[] = [];
  for (const askedMs of [null, null, 1_000, 60_000]) {
    const { revision } = (await readRule(db, domain))!;
    const heldBack = { refused: { askedMs }, reason: "answered 429", revision };
    const { plea } = await quietDomain(db, domain, heldBack, () => 0);
    pauses.push(plea.forMs);
    await reopen(domain);
  }
  expect(pauses).toEqual([5_000, 10_000, 20_000, 60_000]);
  expect((await readRule(db, domain))!.rule).toEqual({ requestsPerSecond: 2, burst: 1, concurrency: 1 });
});

test("a site that held a file back for no time at all is come back for", async () => {
  const domain = "no-time.test";
  await startJob(domain, 9);
  const { revision } = (await readRule(db, domain))!;
  const heldBack = { refused: { askedMs: 0 }, reason: "answered 429 with Retry-After: 0", revision };
  expect((await quietDomain(db, domain, heldBack)).release.wakes).toMatchObject([{ domain, inMs: 100 }]);
});

test("a proof that is given up because the site turned it away too often asks for quiet like any other", async () => {
  const domain = "unproved.test";
  const { tasks } = await startJob(domain, 20);
  const unproven = { ...OK, cache: "unproven", refused: { askedMs: null } } as Settlement;
  await settleAll(tasks, unproven);
  expect(await pauseOf(domain)).toBe(5);
  expect(await reopen(domain)).toHaveLength(1);
});

describe("a page that was turned away", () => {
  test("by the site comes after those that were not, and only that is counted", async () => {
    const domain = "in-turn.test";
    const { job, tasks } = await startJob(domain, 30);
    await settleAll(tasks.slice(0, 1), refused());
    await settleAll(tasks.slice(1), TURNED_BACK);
    const [next] = await reopen(domain);
    expect(next!.page).not.toBe(tasks[0]!.page);
    expect(next!.handBacks).toBe(0);
    const pages = await listPages(db, job, { limit: 30 });
    expect(pages.every(({ attempts }) => attempts <= 1)).toBe(true);
    const { rows } = await sql<{ page: string; hand_backs: number }>`
      select id as page, hand_backs from pages where job_id = ${job} and hand_backs > 0`.execute(db);
    expect(rows).toEqual([{ page: tasks[0]!.page, hand_backs: 1 }]);
  });

  test("while others are served is visited in its turn in the end", async () => {
    const domain = "unlucky.test";
    const { job, tasks } = await startJob(domain, 8);
    // Every third request is one too many.
    let open = tasks;
    for (let requests = 1; open.length > 0; requests++) {
      const [task, ...rest] = open;
      const { visits } = await settleAll([task!], requests % 3 === 0 ? refused() : OK);
      open = [...rest, ...visits];
      if (open.length === 0) open = await reopen(domain);
    }
    expect(await getJob(db, job)).toMatchObject({ status: "completed", counts: { total: 8, succeeded: 8 } });
  });
});

test("a site that refuses everything ends its pages as blocked after a handful of requests", async () => {
  const domain = "never.test";
  const { job, tasks } = await startJob(domain, 500);
  await settleAll(tasks, refused());
  let requests = tasks.length;
  let quiet = 0;
  for (;;) {
    const pause = await pauseOf(domain);
    const open = await reopen(domain);
    if (open.length === 0) break;
    quiet += pause;
    requests += open.length;
    await settleAll(open, refused());
  }
  expect(requests).toBeLessThan(20);
  expect(quiet).toBe(565);
  const after = (await getJob(db, job))!;
  expect(after).toMatchObject({ status: "completed", counts: { total: 500, succeeded: 1, failed: 499 } });
  expect(countsAddUp(after.counts)).toBe(true);
  expect((await readTallies(db, [job])).get(job)!.outcomes).toEqual({ ok: 1, blocked: 499 });
  const [page] = await listPages(db, job, { outcome: "blocked", limit: 1 });
  expect(page!.reason).toMatch(/asked for quiet again and again/);

  // The next job finds out anew, at the pace that is left.
  const again = await seedJob(db, { keyId, domain, rule: RULE });
  const { release } = await addPages(db, again, domain, found(3, `https://${domain}/again`));
  await finishExpansion(db, again, domain, []);
  const [first] = release.visits.length > 0 ? release.visits.map(({ task }) => task) : await reopen(domain);
  await settleAll([first!], refused());
  expect((await getJob(db, again))!.counts).toMatchObject({ pending: 3 });
});

test("an origin that becomes slow gets fewer requests at once, then fewer altogether, until it has recovered", async () => {
  const domain = "slow-origin.test";
  const { tasks } = await startJob(domain, 200);
  let open = tasks;
  const answer = async (count: number, ttfbMs: number) => {
    const missed: Settlement = { ...OK, cache: "uncacheable", seen: { ...SEEN, ttfbMs } } as Settlement;
    for (let i = 0; i < count; i++) {
      const [task, ...rest] = open.length > 0 ? open : await reopen(domain);
      open = [...rest, ...(await settleAll([task!], missed)).visits];
    }
    const { requestsPerSecond, concurrency } = (await readRule(db, domain))!.rule;
    return [requestsPerSecond, concurrency];
  };
  expect(await answer(20, 100)).toEqual([10, 4]);
  expect(await answer(3, 450)).toEqual([10, 2]);
  expect(await answer(5, 450)).toEqual([10, 1]);
  expect(await answer(5, 450)).toEqual([5, 1]);
  expect(await answer(5, 450)).toEqual([2.5, 1]);
  expect(await answer(25, 100)).toEqual([10, 4]);
});

test("a domain that is slowed down says how far and why, and is not doubled for premium jobs", async () => {
  const domain = "told.test";
  const { tasks } = await startJob(domain, 20);
  await db.updateTable("domains").set({ premium: true }).where("name", "=", domain).execute();
  expect((await getDomain(db, domain))!.pace).toMatchObject({ requestsPerSecond: 20, reasons: ["premium"] });
  await settleAll(tasks, refused(60_000));
  const { pace, backoff, closed } = (await getDomain(db, domain))!;
  expect(pace).toEqual({ requestsPerSecond: 2, burst: 1, concurrency: 1, reasons: ["refused"] });
  expect(backoff).toMatchObject({ share: 0.2, reason: "refused", until: closed!.until });
});

test("hits of a cache say nothing of the origin", async () => {
  const domain = "cached.test";
  const { tasks } = await startJob(domain, 10);
  await settleAll(tasks, OK);
  const row = await db
    .selectFrom("domains")
    .select("tolerance")
    .where("name", "=", domain)
    .executeTakeFirstOrThrow();
  expect(row.tolerance).toEqual(UNHURRIED);
});
