import type {
  AlertName,
  CacheResult,
  ClosedReason,
  JobOptions,
  JobStatus,
  Outcome,
  PageState,
  Plan,
  Platform,
  RuleSource,
  Severity,
  Tier,
  Tolerance,
  VisitKind,
  WebhookEvent,
} from "@bee/core";
import type { ColumnType, Generated } from "kysely";

type Timestamp = ColumnType<Date, Date | string, Date | string>;
type DefaultTimestamp = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTimestamp = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
/** A bigint: read as text, so that no digit is lost. */
type BigId = ColumnType<string, never, never>;

/** What is still to be done to the pages of a job: to cancel those that wait, to bring back those that failed, to delete all. */
export type Sweep = "cancel" | "reopen" | "forget";

export interface KeysTable {
  id: string;
  name: string;
  plan: Plan;
  hash: Buffer;
  created_at: DefaultTimestamp;
  revoked_at: NullableTimestamp;
  read_only: Generated<boolean>;
  owner_id: string | null;
  expires_at: NullableTimestamp;
  last_used_at: NullableTimestamp;
}

export interface SessionsTable {
  hash: Buffer;
  key_id: string;
  created_at: DefaultTimestamp;
  expires_at: Timestamp;
}

export interface DomainsTable {
  id: ColumnType<number, never, never>;
  name: string;
  requests_per_second: number;
  burst: number;
  concurrency: number;
  rule_source: RuleSource;
  rule_revision: Generated<number>;
  crawl_delay: number | null;
  slow_start: Generated<boolean>;
  released: Generated<number>;
  unreached: Generated<number>;
  next_at: NullableTimestamp;
  closed_until: NullableTimestamp;
  closed_reason: ClosedReason | null;
  turn: Generated<string>;
  paused_at: NullableTimestamp;
  platform: Platform | null;
  premium: Generated<boolean>;
  /** Null where the domain's answers have told nothing yet. */
  tolerance: ColumnType<Tolerance | null, string | null | undefined, string | null>;
}

export interface JobsTable {
  id: string;
  key_id: string;
  url: string;
  domain_id: number;
  tier: Tier;
  status: Generated<JobStatus>;
  region: string;
  options: ColumnType<JobOptions, string, never>;
  webhook_url: string | null;
  idempotency_key: string | null;
  request_hash: Buffer | null;
  created_at: DefaultTimestamp;
  started_at: NullableTimestamp;
  finished_at: NullableTimestamp;
  failure: string | null;
  warnings: Generated<string[]>;
  failed_expansions: Generated<number>;
  expanded: Generated<boolean>;
  sweep: Sweep | null;
  total: Generated<number>;
  pending: Generated<number>;
  released: Generated<number>;
  succeeded: Generated<number>;
  failed: Generated<number>;
  skipped: Generated<number>;
  cancelled: Generated<number>;
  visits: Generated<number>;
  turn: Generated<string>;
  worker_class: Generated<string>;
  routing: string | null;
  schedule_id: string | null;
}

export interface PagesTable {
  id: BigId;
  job_id: string;
  domain_id: number;
  url: string;
  found_on: string | null;
  state: Generated<PageState>;
  visit: Generated<VisitKind>;
  due_at: NullableTimestamp;
  lease: Generated<number>;
  lease_until: NullableTimestamp;
  attempts: Generated<number>;
  hand_backs: Generated<number>;
  suspect_starts: Generated<number>;
  outcome: Outcome | null;
  cache: CacheResult | null;
  status: number | null;
  reason: string | null;
  edge: string | null;
  ttfb_ms: number | null;
  proved_ttfb_ms: number | null;
  /** A bigint, too. */
  bytes: ColumnType<string | null, never, never>;
  redirects: Generated<string[]>;
  finished_at: NullableTimestamp;
}

export interface TalliesTable {
  job_id: string;
  outcome: Outcome;
  cache: CacheResult;
  pages: number;
}

export interface RobotsTable {
  origin: string;
  domain: string | null;
  record: ColumnType<unknown, string, string>;
  crawl_delay: number | null;
  expires_at: Timestamp;
  fetching_until: NullableTimestamp;
}

export interface DecisionsTable {
  id: BigId;
  at: DefaultTimestamp;
  from_workers: number;
  to_workers: number;
  reason: string;
  inputs: ColumnType<object | null, string, never>;
  region: Generated<string>;
  worker_class: Generated<string>;
}

export interface SamplesTable {
  at: Timestamp;
  rolled: Generated<boolean>;
  seconds: number;
  workers: number;
  desired: number;
  busy: number;
  usable: number;
  critical: number;
  high: number;
  normal: number;
  low: number;
  oldest_ms: number;
  connections: number;
  cpu: number;
  memory: number;
  memory_share: number;
  redis_memory: number;
  visits: number;
  failures: number;
  p95_ms: number | null;
  mean_ms: number | null;
  task_ms: number | null;
}

export interface AlertsTable {
  id: string;
  name: AlertName;
  subject: string;
  severity: Severity;
  reading: number;
  threshold: number;
  detail: string;
  fired_at: DefaultTimestamp;
  told_at: DefaultTimestamp;
  resolved_at: NullableTimestamp;
}

export interface AlertMessagesTable {
  id: BigId;
  alert_id: string;
  channel: string;
  body: ColumnType<unknown, string, never>;
  tries: Generated<number>;
  due_at: DefaultTimestamp;
  failure: string | null;
  ended_at: NullableTimestamp;
  delivered: Generated<boolean>;
}

export interface WebhooksTable {
  id: string;
  key_id: string;
  url: string;
  events: WebhookEvent[];
  secret: string;
  created_at: DefaultTimestamp;
  failures: Generated<number>;
  failure: string | null;
  disabled_at: NullableTimestamp;
}

export interface WebhookSecretsTable {
  key_id: string;
  secret: string;
  created_at: DefaultTimestamp;
}

export interface WebhookDeliveriesTable {
  id: string;
  key_id: string;
  webhook_id: string | null;
  job_id: string | null;
  receiver: string;
  url: string;
  type: WebhookEvent;
  body: string;
  created_at: DefaultTimestamp;
  begun_at: DefaultTimestamp;
  due_at: DefaultTimestamp;
  tried_at: NullableTimestamp;
  tries: Generated<number>;
  status: number | null;
  failure: string | null;
  ended_at: NullableTimestamp;
  delivered: Generated<boolean>;
}

export interface Schema {
  keys: KeysTable;
  sessions: SessionsTable;
  domains: DomainsTable;
  jobs: JobsTable;
  pages: PagesTable;
  tallies: TalliesTable;
  robots: RobotsTable;
  decisions: DecisionsTable;
  samples: SamplesTable;
  alerts: AlertsTable;
  alert_messages: AlertMessagesTable;
  webhooks: WebhooksTable;
  webhook_secrets: WebhookSecretsTable;
  webhook_deliveries: WebhookDeliveriesTable;
}
