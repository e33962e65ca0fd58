import type { Page } from "@bee/store";

/** A page that was warmed, but for what a test says of it. */
export function page(change: Partial<Page> = {}): Page {
  return {
    id: "1",
    url: "https://a.test/",
    outcome: "ok",
    cache: "warmed",
    status: 200,
    attempts: 1,
    reason: null,
    edge: null,
    ttfbMs: 300,
    provedTtfbMs: null,
    bytes: 1_000,
    redirects: [],
    foundOn: null,
    finishedAt: new Date("2026-01-02T03:04:05Z"),
    ...change,
  };
}
