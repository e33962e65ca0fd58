import type { ClosedReason, Pace, Platform, SourcedRule } from "@bee/core";
import type { Domain, RobotsSeen } from "@bee/store";

/** A domain as callers see it. */
export interface DomainView {
  readonly domain: string;
  /** Its own rule, and where that came from. */
  readonly rule: SourcedRule;
  /** The rule in force now, and why it is another one. */
  readonly pace: Pace;
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
  const { rule, pace, platform, crawlDelay, pausedAt, closed, robots, pages, activeJobs } = domain;
  return { domain: name, rule, pace, platform, crawlDelay, pausedAt, closed, robots, pages, activeJobs };
}
