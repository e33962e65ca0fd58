export type { AlertView } from "./alerts/alerts-handler.ts";
export type { ConnectionsView } from "./fleet/fleet-handlers.ts";
export type { FleetView } from "./fleet/fleet-view.ts";
export type { CanaryView } from "./health/canary-view.ts";
export type { JobView } from "./jobs/job-view.ts";
export type { PageView } from "./jobs/page-view.ts";
export type { Finding } from "./report/finding.ts";
export type { Report, Summary } from "./report/report.ts";
export { type Api, type ApiOptions, startApi } from "./wiring.ts";
