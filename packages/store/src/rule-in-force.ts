import {
  type BackoffView,
  type Pace,
  paceOf,
  paceWithin,
  type RateRule,
  type RecoveryStep,
  type RuleInForce,
  slowReasonsOf,
  type Tolerance,
  UNHURRIED,
  viewBackoff,
  wayBack,
} from "@bee/core";
import type { Database } from "./database.ts";

/** The columns of which a rule in force is made. */
export interface RuleColumns {
  readonly requests_per_second: number;
  readonly burst: number;
  readonly concurrency: number;
  readonly premium: boolean;
  readonly crawl_delay: number | null;
  readonly tolerance: Tolerance | null;
}

/**
 * The rule in force, and why it is not the domain's own: doubled for premium jobs, but not while the site wants less,
 * slowed by its robots.txt, and slowed to what it bears.
 */
export function paceIn(row: RuleColumns): Pace {
  const { requests_per_second, burst, concurrency, crawl_delay: crawlDelay } = row;
  const own = { requestsPerSecond: requests_per_second, burst, concurrency };
  const tolerance = row.tolerance ?? UNHURRIED;
  const premium = row.premium && slowReasonsOf(tolerance).length === 0;
  return paceWithin(paceOf(own, { premium, crawlDelay }), tolerance);
}

/** How far the domain is slowed down; `until` ends the pause that it asked for. */
export function backoffIn(row: RuleColumns, until: Date | null): BackoffView {
  return viewBackoff(ruleOf({ ...row, premium: false, tolerance: null }), row.tolerance ?? UNHURRIED, until);
}

/** The steps by which a domain that was told to slow down comes back to its rule. */
export function wayBackOf(row: RuleColumns): RecoveryStep[] {
  return wayBack(ruleOf({ ...row, premium: false, tolerance: null }), row.tolerance ?? UNHURRIED);
}

/** The rule in force. */
export function ruleOf(row: RuleColumns): RateRule {
  const { requestsPerSecond, burst, concurrency } = paceIn(row);
  return { requestsPerSecond, burst, concurrency };
}

/** The rule in force for a domain, with its revision. */
export async function readRule(db: Database, name: string): Promise<RuleInForce | undefined> {
  const row = await db
    .selectFrom("domains")
    .select([
      "requests_per_second",
      "burst",
      "concurrency",
      "premium",
      "crawl_delay",
      "tolerance",
      "rule_revision",
    ])
    .where("name", "=", name)
    .executeTakeFirst();
  return row && { rule: ruleOf(row), revision: row.rule_revision };
}
