import type { VisitTask } from "@bee/core";

/** A visit as most are. */
export const USUAL_VISIT: VisitTask = {
  page: "1",
  lease: 1,
  job: "0198",
  tier: "normal",
  domain: "example.com",
  url: "https://example.com/",
  visit: "warm",
  attempts: 0,
  handBacks: 0,
  suspect: false,
  verify: "all",
  followLinks: false,
  rule: { requestsPerSecond: 3, burst: 5, concurrency: 3 },
  ruleRevision: 1,
};
