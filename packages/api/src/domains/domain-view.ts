import type { BackoffView, ClosedReason, Pace, Platform, SourcedRule } from "@bee/core";
import type { Domain, RobotsSeen } from "@bee/store";

/** A domain as callers see it. */
export interface DomainView {
  readonly domain: string;
  /** Its own rule, and where that came from. */
  readonly rule: SourcedRule;
  /** The rule in force now, and why it is another one. */
  readonly pace: Pace;
  /** How far it was told to slow down, or is slowed down because it became slow. */
  readonly backoff: BackoffView;
  /** What its answers gave away. */
  readonly platform: Platform | null;
  readonly crawlDelay: number | null;
  readonly pausedAt: Date | null;
  readonly closed: { readonly reason: ClosedReason; readonly until: Date } | null;
  readonly robots: readonly RobotsSeen[];
  readonly pages: Domain["pages"];
  readonly activeJobs: number;
}

export function toDomainView({ name, ...domain }: Domain): DomainView {
  const { rule, pace, backoff, platform, crawlDelay, pausedAt, closed, robots, pages, activeJobs } = domain;
  return {
    domain: name,
    rule,
    pace,
    backoff,
    platform,
    crawlDelay,
    pausedAt,
    closed,
    robots,
    pages,
    activeJobs,
  };
}
