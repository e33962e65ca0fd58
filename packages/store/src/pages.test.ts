import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Database } from "./database.ts";
import { readPageFigures } from "./page-figures.ts";
import { PAGE_ORDERS, type PageOrder, type PagePlace, placeOf } from "./page-order.ts";
import { listPages, type Page } from "./pages.ts";
import { openFixture, startJob } from "./testing/fixtures.ts";

let db: Database;
let close: () => Promise<void>;
let job: string;
beforeAll(async () => {
  const fixture = await openFixture();
  ({ db, close } = fixture);
  ({ job } = await startJob(db, { keyId: fixture.keyId, domain: "sorted.test", pages: 40 }));
  const pages = await listPages(db, job, { limit: 100 });
  for (const [i, { id }] of pages.entries()) {
    if (i % 4 === 0) continue; // has no outcome yet
    await db
      .updateTable("pages")
      .set({
        outcome: i % 3 === 0 ? "broken" : "ok",
        status: [200, 404, 301][i % 3]!,
        ttfb_ms: (i * 37) % 50,
        proved_ttfb_ms: i % 5 === 0 ? 10 : null,
        finished_at: new Date(1_700_000_000_000 + ((i * 7) % 10) * 1_000),
      })
      .where("id", "=", id as unknown as never)
      .execute();
  }
});
afterAll(() => close());

const orders: PageOrder[] = PAGE_ORDERS.flatMap((by) => [
  { by, descending: false },
  { by, descending: true },
]);

test.each(orders)("by $by, descending $descending, page by page comes what comes at once", async (order) => {
  const atOnce = await listPages(db, job, { order, limit: 100 });
  expect(new Set(atOnce.map(({ id }) => id)).size).toBe(40);
  const paged: Page[] = [];
  let after: PagePlace | undefined;
  do {
    const page: Page[] = await listPages(db, job, { order, after, limit: 7 });
    paged.push(...page);
    after = page.length === 7 ? placeOf(page.at(-1)!, order) : undefined;
  } while (after !== undefined);
  expect(paged).toEqual(atOnce);
});

test("what has no value stands last, whichever way round", async () => {
  for (const descending of [false, true]) {
    const times = (await listPages(db, job, { order: { by: "ttfb", descending }, limit: 100 })).map(
      ({ ttfbMs }) => ttfbMs,
    );
    const known = times.filter((ms) => ms !== null);
    expect(known).toHaveLength(30);
    expect(times.slice(30)).toEqual(new Array(10).fill(null));
    expect(known).toEqual([...known].sort((a, b) => (descending ? b - a : a - b)));
  }
});

test("the figures count each page that has ended once", async () => {
  const { statuses, firstBytes } = await readPageFigures(db, job);
  const pages = (await listPages(db, job, { limit: 100 })).filter(({ outcome }) => outcome !== null);
  expect(statuses).toEqual(
    [200, 301, 404].map((status) => ({
      status,
      pages: pages.filter((page) => page.status === status).length,
    })),
  );
  expect(firstBytes.map(({ upToMs }) => upToMs)).toEqual([25, 50, 100, 200, 400, 800, 1600, 3200, null]);
  expect(firstBytes[0]).toMatchObject({
    visited: pages.filter(({ ttfbMs }) => ttfbMs! <= 25).length,
    proved: pages.filter(({ provedTtfbMs }) => provedTtfbMs !== null).length,
  });
});
