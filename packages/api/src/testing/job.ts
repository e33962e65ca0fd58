import { DEFAULT_RULE } from "@bee/core";
import type { Job } from "@bee/store";

/** A running job half done, but for what a test says of it. */
export function job(change: Partial<Job> = {}): Job {
  return {
    id: "01a20784-ed53-7797-b985-d13e61661cbe",
    keyId: "01a20784-ed53-7797-b985-000000000000",
    url: "https://a.test/",
    domain: "a.test",
    tier: "normal",
    status: "running",
    region: "default",
    workerClass: "general",
    routing: "default is the only region with workers",
    options: { maxPages: 500, useSitemap: true, followLinks: false, include: [], exclude: [], verify: "all" },
    scheduleId: null,
    createdAt: new Date("2026-01-01T00:00:00Z"),
    startedAt: new Date("2026-01-01T00:00:10Z"),
    finishedAt: null,
    failure: null,
    warnings: [],
    counts: { total: 20, pending: 7, released: 3, succeeded: 7, failed: 1, skipped: 2, cancelled: 0 },
    visits: 12,
    domainId: 1,
    rule: DEFAULT_RULE,
    ruleRevision: 1,
    wayBack: [],
    crawlDelay: null,
    domainPaused: false,
    closedUntil: null,
    closedReason: null,
    nextAt: null,
    domainReleased: 3,
    readAt: new Date("2026-01-01T00:00:20Z"),
    ...change,
  };
}
