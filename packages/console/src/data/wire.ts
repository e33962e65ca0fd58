/** What the API answers, as docs/http.md tells it. Times are ISO 8601. */
export const TIERS = ["critical", "high", "normal", "low"] as const;
export type Tier = (typeof TIERS)[number];

export const STATUSES = [
  "pending",
  "expanding",
  "running",
  "paused",
  "completed",
  "failed",
  "cancelled",
] as const;
export type Status = (typeof STATUSES)[number];

export const OUTCOMES = [
  "ok",
  "broken",
  "blocked",
  "unreachable",
  "disallowed",
  "skipped",
  "cancelled",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

export const CACHES = ["warmed", "already-warm", "uncacheable", "unproven", "none"] as const;
export type Cache = (typeof CACHES)[number];

export interface Session {
  readonly name: string;
  readonly plan: string;
  readonly role: "user" | "operator" | "reader";
  readonly readOnly: boolean;
  readonly quota?: { readonly pagesPerDay: number; readonly left: number; readonly resetsAt: string } | null;
}

export interface Counts {
  readonly total: number;
  readonly pending: number;
  readonly released: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly skipped: number;
  readonly cancelled: number;
}

/** A job as an event of the list tells it. */
export interface JobSummary {
  readonly id: string;
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly status: Status;
  readonly region: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly failure: string | null;
  readonly counts: Counts;
}

export interface Waiting {
  readonly reason: string;
  readonly pages: number;
  readonly until: string | null;
  readonly because?: string;
}

export interface Job extends JobSummary {
  readonly outcomes: Readonly<Record<Outcome, number>>;
  readonly cache: Readonly<Record<Cache, number>>;
  readonly rate: number;
  readonly waiting: readonly Waiting[];
  readonly etaSeconds: number | null;
  readonly warnings: readonly string[];
  readonly options: {
    readonly maxPages: number;
    readonly useSitemap: boolean;
    readonly followLinks: boolean;
    readonly verify: "all" | "none";
  };
}

export interface Page {
  readonly url: string;
  readonly outcome: Outcome | null;
  readonly cache: Cache | null;
  readonly status: number | null;
  readonly attempts: number;
  readonly reason: string | null;
  readonly edge: string | null;
  readonly ttfbMs: number | null;
  readonly provedTtfbMs: number | null;
  readonly bytes: number | null;
  readonly redirects: readonly string[];
  readonly foundOn: string | null;
  readonly finishedAt: string | null;
}

export interface Figures {
  readonly statuses: readonly { readonly status: number; readonly pages: number }[];
  readonly firstBytes: readonly {
    readonly upToMs: number | null;
    readonly visited: number;
    readonly proved: number;
  }[];
}

export interface Finding {
  readonly url: string;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly reason: string | null;
}

export interface Report {
  readonly headline: string;
  readonly compared: {
    readonly job: string;
    readonly finishedAt: string;
    readonly counts: Readonly<Record<"new" | "firstSeen" | "fixed" | "still" | "unchecked", number>>;
    readonly new: readonly Finding[];
    readonly firstSeen: readonly Finding[];
    readonly fixed: readonly Finding[];
    readonly still: readonly Finding[];
  } | null;
}

export interface Rule {
  readonly requestsPerSecond: number;
  readonly burst: number;
  readonly concurrency: number;
}

export interface Preview {
  readonly url: string;
  readonly domain: string;
  readonly tier: Tier;
  readonly complete: boolean;
  readonly problem: string | null;
  readonly robots: {
    readonly status: "found" | "absent" | "unreachable";
    readonly crawlDelay: number | null;
    readonly sitemaps: readonly string[];
  } | null;
  readonly pages: {
    readonly listed: number;
    readonly toVisit: number;
    readonly disallowed: number;
    readonly filtered: number;
    readonly foreign: number;
    readonly overCap: number;
  };
  readonly pace: Rule & { readonly source: string; readonly reasons: readonly string[] };
  readonly ahead: { readonly jobs: number; readonly pages: number };
  readonly requests: number;
  readonly estimatedSeconds: number | null;
  readonly warnings: readonly string[];
}

export interface Domain {
  readonly domain: string;
  readonly rule: Rule & { readonly source: string };
  readonly pace: Rule & { readonly reasons: readonly string[] };
  readonly backoff: {
    readonly share: number;
    readonly reason: string | null;
    readonly until: string | null;
    readonly baselineTtfbMs: number | null;
    readonly recentTtfbMs: number | null;
  };
  readonly platform: string | null;
  readonly crawlDelay: number | null;
  readonly pausedAt: string | null;
  readonly closed: { readonly reason: string; readonly until: string } | null;
  readonly breaker?: {
    readonly state: "closed" | "open" | "half-open";
    readonly reason: string | null;
    readonly openings: number;
    readonly until: string | null;
  } | null;
  readonly robots: readonly {
    readonly origin: string;
    readonly status: string;
    readonly fetchedAt: string;
    readonly crawlDelay: number | null;
  }[];
  readonly pages: { readonly pending: number; readonly released: number };
  readonly activeJobs: number;
}

export interface Worker {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly region: string;
  readonly class: string;
  readonly state: string;
  readonly slots: number;
  readonly busy: number;
  readonly usable: number;
  readonly lagMs: number;
  readonly startedAt: string;
  /** Per cent of a core, bytes and milliseconds, where the worker tells them. */
  readonly cpu?: number | null;
  readonly memory?: number | null;
  readonly memoryLimit?: number | null;
  readonly p95Ms?: number | null;
}

export interface Decision {
  readonly at: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

export interface Fleet {
  readonly workers: readonly Worker[];
  readonly queues: Readonly<Record<Tier, { waiting: number; active: number; delayed: number }>>;
  readonly desired: number;
  readonly current: number;
  readonly decisions: readonly Decision[];
  readonly connections: { readonly limit: number; readonly budget: number; open: number; idle: number };
}

/** The fleet over a span of time. */
export interface Sample {
  readonly at: string;
  readonly workers: number;
  readonly desired: number;
  readonly busy: number;
  readonly usable: number;
  readonly queued: Readonly<Record<Tier, number>>;
  readonly connections: number;
  /** Per cent. */
  readonly cpu: number;
  readonly memory: number;
  readonly memoryShare: number;
  readonly visitsPerSecond: number;
  readonly errorRate: number | null;
  readonly p95Ms: number | null;
}

export interface Alert {
  readonly id: string;
  readonly name: string;
  readonly subject: string;
  readonly severity: "warning" | "critical";
  readonly reading: number;
  readonly threshold: number;
  readonly detail: string;
  readonly firedAt: string;
  readonly resolvedAt: string | null;
}

export interface Key {
  readonly id: string;
  readonly name: string;
  readonly plan: string;
  readonly readOnly: boolean;
  readonly ownerId: string | null;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  readonly revokedAt: string | null;
}
