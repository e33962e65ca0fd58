import type { RobotsEntry } from "@bee/crawl";
import { expect, test } from "@jest/globals";
import { RobotsShelf } from "./robots-shelf.ts";

function entry(origin: string, size: number): RobotsEntry {
  const record = { origin, status: "found", httpStatus: 200, body: "x".repeat(size), reason: null } as const;
  const rules = { crawlDelay: null, check: () => ({ allowed: true, rule: null, reason: null }) };
  return { record: { ...record, fetchedAt: 0, maxAgeSeconds: 60 }, rules, sitemaps: [] };
}

test("what is kept is bounded by its size: the oldest goes", () => {
  const shelf = new RobotsShelf();
  for (let i = 0; i < 40; i++) shelf.put(entry(`https://${i}.test`, 500 * 1024), 60_000);
  expect(shelf.get("https://0.test")).toBeUndefined();
  expect(shelf.get("https://39.test")).toBeDefined();
  const kept = Array.from({ length: 40 }, (_, i) => shelf.get(`https://${i}.test`)).filter(Boolean);
  expect(kept).toHaveLength(32);
});

test("an entry is replaced, not added, and gone when it is no longer fresh", () => {
  const shelf = new RobotsShelf();
  for (let i = 0; i < 100; i++) shelf.put(entry("https://same.test", 500 * 1024), 60_000);
  shelf.put(entry("https://other.test", 10), 60_000);
  expect(shelf.get("https://same.test")).toBeDefined();
  shelf.put(entry("https://other.test", 10), 0);
  expect(shelf.get("https://other.test")).toBeUndefined();
});
