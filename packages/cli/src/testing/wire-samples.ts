import type { WireJob, WireReport } from "../client/wire.ts";

export const NO_OUTCOMES = {
  ok: 0,
  broken: 0,
  blocked: 0,
  unreachable: 0,
  disallowed: 0,
  skipped: 0,
  cancelled: 0,
};
export const NO_CACHE = { warmed: 0, "already-warm": 0, uncacheable: 0, unproven: 0, none: 0 };

/** A job as the API tells of it, with what a test wants to be different. */
export function wireJob(changes: Partial<WireJob> = {}): WireJob {
  return {
    id: "01a207a2-36d3-76e7-a6e9-21644bcea641",
    url: "https://garden.test/",
    domain: "garden.test",
    tier: "normal",
    status: "running",
    region: "default",
    class: "general",
    routing: "default is the only region with workers",
    createdAt: "2026-01-01T10:00:00.000Z",
    startedAt: "2026-01-01T10:00:00.500Z",
    finishedAt: null,
    failure: null,
    counts: { total: 97, pending: 40, released: 0, succeeded: 53, failed: 4, skipped: 0, cancelled: 0 },
    outcomes: { ...NO_OUTCOMES, ok: 53, broken: 4 },
    cache: { ...NO_CACHE, warmed: 41, "already-warm": 9, uncacheable: 3, none: 4 },
    rate: 9.8,
    waiting: [],
    etaSeconds: 12,
    warnings: [],
    scheduleId: null,
    options: { maxPages: 500, useSitemap: true, followLinks: false, include: [], exclude: [], verify: "all" },
    ...changes,
  };
}

/** The report of a job of which everything is well. */
export function wireReport(changes: Partial<WireReport> = {}): WireReport {
  return {
    job: wireJob({ status: "completed", finishedAt: "2026-01-01T10:00:12.800Z", etaSeconds: null }),
    headline: "checked 10 of 10; 0 blocked; 0 not reachable",
    summary: {
      pages: 10,
      checked: 10,
      outcomes: { ...NO_OUTCOMES, ok: 10 },
      cache: { ...NO_CACHE, warmed: 10 },
      statuses: { 200: 10 },
      redirected: 0,
      offDomain: 0,
      slow: 0,
      slowAboveMs: 800,
      listLimit: 1_000,
    },
    compared: null,
    causes: { broken: [], blocked: [], unreachable: [], disallowed: [], unproven: [] },
    broken: [],
    blocked: [],
    unreachable: [],
    redirects: [],
    slow: [],
    uncacheable: [],
    unproven: [],
    disallowed: [],
    warmed: { pages: 10, savedMs: 890, coldTtfbMs: 90, warmTtfbMs: 1 },
    firstBytes: [],
    warnings: [],
    ...changes,
  };
}
