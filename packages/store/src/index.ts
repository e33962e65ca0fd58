export * from "./alert-messages.ts";
export * from "./alerts.ts";
export * from "./audit-log.ts";
export * from "./canary.ts";
export * from "./canary-key.ts";
export * from "./close-domain.ts";
export * from "./connections.ts";
export * from "./database.ts";
export * from "./decisions.ts";
export * from "./domain-orders.ts";
export * from "./domain-past.ts";
export * from "./domain-views.ts";
export { ensureDomain, keepTurns, setCrawlDelay, setPlatform } from "./domains.ts";
export { type DueExpansion, dueExpansions } from "./expansion-turns.ts";
export * from "./frontier.ts";
export * from "./insert-job.ts";
export * from "./job-changes.ts";
export * from "./job-orders.ts";
export * from "./job-outlook.ts";
export * from "./job-transitions.ts";
export * from "./jobs.ts";
export { type PagesToday, QuotaExceeded, type QuotaPasses, readPagesToday } from "./key-budgets.ts";
export * from "./key-sessions.ts";
export {
  ADMIN_KEY_ID,
  acceptAdminKey,
  createKey,
  findKey,
  generateSecret,
  getKey,
  type Key,
  type KeyBounds,
  type KeyRecord,
  listKeys,
  liveKeys,
  revokeKey,
} from "./keys.ts";
export * from "./link-warnings.ts";
export * from "./metrics.ts";
export * from "./migrate.ts";
export * from "./move-jobs.ts";
export * from "./open-visits.ts";
export * from "./page-figures.ts";
export * from "./page-order.ts";
export * from "./pages.ts";
export * from "./previous-job.ts";
export * from "./progress.ts";
export * from "./reconcile.ts";
export type { Release, ReleasedVisit, Wake } from "./release.ts";
export { LEASE_SECONDS } from "./release.ts";
export * from "./retention.ts";
export * from "./robots-cache.ts";
export { readRule } from "./rule-in-force.ts";
export { claimDue, type RunSetting, readRunSetting, startRun } from "./schedule-claims.ts";
export * from "./schedule-runs.ts";
export * from "./schedules.ts";
export * from "./settle.ts";
export * from "./suspects.ts";
export { type JobOfDomain, listSwept, sweepJob } from "./sweep.ts";
export * from "./tallies.ts";
export * from "./webhook-deliveries.ts";
export * from "./webhook-post.ts";
export * from "./webhooks.ts";
export type { SettleItem } from "./write-results.ts";
