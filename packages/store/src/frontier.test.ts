import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { sql } from "kysely";
import type { Database } from "./database.ts";
import { addPages, releaseDomain } from "./frontier.ts";
import { getJob } from "./jobs.ts";
import { listPages } from "./pages.ts";
import { settle } from "./settle.ts";
import { found, openFixture, resultOf, seedJob } from "./testing/fixtures.ts";

let db: Database;
let keyId: string;
let close: () => Promise<void>;

beforeAll(async () => {
  ({ db, keyId, close } = await openFixture());
});
afterAll(() => close());

const FAST = { requestsPerSecond: 20, burst: 5, concurrency: 5 };

describe("adding pages", () => {
  test("counts them, releases one while the domain has not answered yet, and keeps the rest", async () => {
    const job = await seedJob(db, { keyId, domain: "add.test" });
    const { added, release } = await addPages(db, job, "add.test", found(20));
    expect(added).toBe(20);
    expect(release.visits).toHaveLength(1);
    expect(release.visits[0]!.task).toMatchObject({
      job,
      domain: "add.test",
      visit: "warm",
      lease: 1,
      attempts: 0,
    });
    expect((await getJob(db, job))!.counts).toMatchObject({ total: 20, pending: 19, released: 1 });
  });

  test("takes each URL of a job once, within a batch and over batches", async () => {
    const job = await seedJob(db, { keyId, domain: "twice.test" });
    expect((await addPages(db, job, "twice.test", [...found(3), ...found(3)])).added).toBe(3);
    expect((await addPages(db, job, "twice.test", found(5))).added).toBe(2);
    expect((await getJob(db, job))!.counts.total).toBe(5);
  });

  test("stops at maxPages and says how many it left out; known URLs do not use the room up", async () => {
    const job = await seedJob(db, { keyId, domain: "cap.test", options: { maxPages: 10 } });
    await addPages(db, job, "cap.test", found(8));
    expect(await addPages(db, job, "cap.test", found(15))).toMatchObject({ added: 2, overCap: 5 });
    expect((await getJob(db, job))!.counts.total).toBe(10);
  });

  test("whatever is offered, and however often: each URL once, never more than maxPages, and what is left out is counted", async () => {
    const batches = fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 }), { maxLength: 6 });
    const toPage = (n: number) => found(n + 1)[n]!;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 25 }), batches, async (maxPages, offers) => {
        const job = await seedJob(db, { keyId, domain: "any.test", options: { maxPages } });
        const known = new Set<number>();
        for (const offer of offers) {
          const fresh = [...new Set(offer)].filter((n) => !known.has(n));
          const fitting = fresh.slice(0, maxPages - known.size);
          const result = await addPages(db, job, "any.test", offer.map(toPage));
          expect(result).toMatchObject({ added: fitting.length, overCap: fresh.length - fitting.length });
          for (const n of fitting) known.add(n);
        }
        expect((await getJob(db, job))!.counts.total).toBe(known.size);
        const pages = await listPages(db, job, { limit: 200 });
        expect(pages.map(({ url }) => url).sort()).toEqual([...known].map((n) => toPage(n).url).sort());
      }),
      { numRuns: 40 },
    );
  });

  test("records a disallowed page as skipped, with the rule, and never releases it", async () => {
    const job = await seedJob(db, { keyId, domain: "rules.test" });
    const page = {
      url: "https://rules.test/private",
      foundOn: null,
      disallowedBy: "line 3: Disallow: /private",
    };
    const { release } = await addPages(db, job, "rules.test", [page]);
    expect(release.visits).toEqual([]);
    expect((await getJob(db, job))!.counts).toMatchObject({ total: 1, pending: 0, skipped: 1 });
  });
});

describe("releasing", () => {
  test("fills the window once the domain has answered, and no more", async () => {
    const job = await seedJob(db, { keyId, domain: "window.test", rule: FAST });
    const { release } = await addPages(db, job, "window.test", found(50));
    const next = await settle(db, [resultOf(release.visits[0]!.task)]);
    expect(next.release.visits).toHaveLength(15); // c + r/2
    expect((await releaseDomain(db, "window.test")).visits).toEqual([]);
  });

  test("takes the higher tier first, and equal tiers in turn", async () => {
    const domain = "turns.test";
    const seed = { keyId, domain, rule: FAST };
    const first = await seedJob(db, { ...seed, tier: "normal" });
    const opening = await addPages(db, first, domain, found(10, "https://turns.test/a"));
    const second = await seedJob(db, { ...seed, tier: "normal" });
    await addPages(db, second, domain, found(10, "https://turns.test/b"));
    const urgent = await seedJob(db, { ...seed, tier: "high" });
    await addPages(db, urgent, domain, found(3, "https://turns.test/c"));

    const { release } = await settle(db, [resultOf(opening.release.visits[0]!.task)]);
    const order = release.visits.map(
      ({ task }) => ({ [first]: "a", [second]: "b", [urgent]: "c" })[task.job],
    );
    expect(order.slice(0, 3)).toEqual(["c", "c", "c"]);
    // The first job has had its turn with the page that opened the domain.
    expect(order.slice(3).join("")).toMatch(/^(ba)+$/);
  });

  test("lets two jobs take turns page by page, the larger and older one no more often", async () => {
    const domain = "pairs.test";
    const large = await seedJob(db, { keyId, domain });
    const small = await seedJob(db, { keyId, domain });
    let { visits } = (await addPages(db, large, domain, found(200, "https://pairs.test/a"))).release;
    await addPages(db, small, domain, found(12, "https://pairs.test/b"));
    const order: string[] = [];
    while (order.length < 24) {
      const { task } = visits[0]!;
      order.push(task.job === large ? "a" : "b");
      const next = await settle(db, [resultOf(task)]);
      visits = [...visits.slice(1), ...next.release.visits];
    }
    expect(order.join("")).toMatch(/^(ab)+$/);
  });

  test("gives a job that comes late its turns from then on, and none for the time before", async () => {
    const domain = "late.test";
    const early = await seedJob(db, { keyId, domain });
    let { visits } = (await addPages(db, early, domain, found(60, "https://late.test/a"))).release;
    const settleNext = async () => {
      const { task } = visits[0]!;
      const next = await settle(db, [resultOf(task)]);
      visits = [...visits.slice(1), ...next.release.visits];
      return task.job === early ? "a" : "b";
    };
    for (let i = 0; i < 20; i++) await settleNext();
    const late = await seedJob(db, { keyId, domain });
    await addPages(db, late, domain, found(20, "https://late.test/b"));
    const window = visits.length;
    const order: string[] = [];
    for (let i = 0; i < window + 20; i++) order.push(await settleNext());
    expect(order.slice(window).join("")).toMatch(/^(ba)+$/);
  });

  test("takes pages whose moment has come before new ones, and leaves those whose moment has not", async () => {
    const domain = "due.test";
    const job = await seedJob(db, { keyId, domain });
    const { release } = await addPages(db, job, domain, found(30, "https://due.test/"));
    const opening = release.visits[0]!.task;
    const seen = { status: 200, ttfbMs: 1, bytes: 1, edge: null, redirects: [] };
    const after = await settle(db, [resultOf(opening, { type: "prove", delayMs: 60_000, seen })]);
    const [next] = after.release.visits;
    expect(after.release.visits.map(({ task }) => task.visit)).not.toContain("prove");
    await sql`update pages set due_at = now() - interval '1 second' where id = ${opening.page}`.execute(db);
    const { task } = next!;
    const third = await settle(db, [resultOf(task)]);
    expect(third.release.visits.map(({ task }) => ({ page: task.page, visit: task.visit }))).toEqual([
      { page: opening.page, visit: "prove" },
    ]);
  });

  test("holds the pages of a domain slower than 1/s back to the moment they may start, one at a time", async () => {
    const domain = "slow.test";
    const rule = { requestsPerSecond: 0.1, burst: 1, concurrency: 1 };
    const job = await seedJob(db, { keyId, domain, rule });
    const { release } = await addPages(db, job, domain, found(5));
    expect(release.visits.map(({ delayMs }) => delayMs)).toEqual([0]);
    const next = await settle(db, [resultOf(release.visits[0]!.task)]);
    expect(next.release.visits).toHaveLength(1);
    expect(next.release.visits[0]!.delayMs).toBeGreaterThan(8_000);
    expect(next.release.visits[0]!.delayMs).toBeLessThanOrEqual(10_000);
  });

  test("eight at once hand out no page twice", async () => {
    const domain = "race.test";
    const job = await seedJob(db, { keyId, domain, rule: { ...FAST, concurrency: 40 } });
    const opening = await addPages(db, job, domain, found(200));
    const first = await settle(db, [resultOf(opening.release.visits[0]!.task)]);
    const released = await Promise.all(
      first.release.visits.slice(0, 8).map(({ task }) => settle(db, [resultOf(task)])),
    );
    const pages = released.flatMap((result) => result.release.visits.map(({ task }) => task.page));
    expect(new Set(pages).size).toBe(pages.length);
    expect(pages).toHaveLength(8);
  });
});
