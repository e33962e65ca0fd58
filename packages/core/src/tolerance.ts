import { AT_EASE, type Backoff, RECOVERY, refused, served, shareOf } from "./backoff.ts";
import type { Pace, PaceReason, RateRule } from "./rate-rule.ts";
import { isServed, originTtfbMs, refusalIn, type Settlement } from "./settlement.ts";
import { observed, RELAXED, recentTtfbMs, type Strain } from "./strain.ts";

/** What a domain's answers say of the pace that it bears. */
export interface Tolerance {
  readonly backoff: Backoff;
  readonly strain: Strain;
  /** The first revision of the rule after the last refusal: visits under an older one were sent before it was known. */
  readonly slowedAt: number;
}

export const UNHURRIED: Tolerance = Object.freeze({ backoff: AT_EASE, strain: RELAXED, slowedAt: 0 });

export interface Visited {
  /** Of the rule that the visit was made under. */
  readonly revision: number;
  /** Of the rule that is in force if it is slowed down now. */
  readonly nextRevision: number;
  /** Whether its times are the origin's, and not the delays of an overloaded worker. */
  readonly inTime: boolean;
  /** Between 0 and 1. */
  readonly random: number;
}

/**
 * What a visit says of the pace that its domain bears. Several requests in flight together are refused together: what
 * was sent before the last refusal was known belongs to that one, and was not served at the pace after it.
 * @returns `quietMs`: how long the domain is to be left alone from now on, 0 for not at all.
 */
export function judged(
  before: Tolerance,
  settlement: Settlement,
  { revision, nextRevision, inTime, random }: Visited,
): { readonly after: Tolerance; readonly quietMs: number } {
  const isLate = revision < before.slowedAt;
  const refusal = refusalIn(settlement);
  if (refusal !== null && isLate) return { after: before, quietMs: refusal.askedMs ?? 0 };
  if (refusal !== null) {
    const { after: backoff, quietMs } = refused(before.backoff, refusal, random);
    return { after: { ...before, backoff, slowedAt: nextRevision }, quietMs };
  }
  const ttfbMs = inTime ? originTtfbMs(settlement) : null;
  const strain = ttfbMs === null ? before.strain : observed(before.strain, ttfbMs);
  const backoff = isServed(settlement) && !isLate ? served(before.backoff) : before.backoff;
  return { after: { ...before, backoff, strain }, quietMs: 0 };
}

/** Why a domain is slower than its rule. */
export type SlowReason = Extract<PaceReason, "refused" | "slow-origin">;

/** A domain that is slowed down gets at least one request in so many seconds, or it could never recover. */
const SLOWEST_SECONDS = 30;

/**
 * What each level of strain leaves of a rule. Fewer requests at once come first: they are what an origin that is
 * slow has to share its time among.
 */
const STRAINED: readonly { readonly atOnce: number; readonly rate: number }[] = [
  { atOnce: 1, rate: 1 },
  { atOnce: 1 / 2, rate: 1 },
  { atOnce: 0, rate: 1 },
  { atOnce: 0, rate: 1 / 2 },
  { atOnce: 0, rate: 1 / 4 },
];

/** A rule as slowed to what the domain bears; it changes in a few steps, not with each answer. */
export function withinTolerance<R extends RateRule>(rule: R, { backoff, strain }: Tolerance): R {
  const share = shareOf(backoff);
  const { atOnce, rate } = STRAINED[strain.level]!;
  const part = (whole: number) => Math.max(1, Math.floor(whole * Math.min(share, atOnce)));
  const slowed = Math.max(rule.requestsPerSecond * Math.min(share, rate), 1 / SLOWEST_SECONDS);
  return {
    ...rule,
    requestsPerSecond: Math.min(rule.requestsPerSecond, slowed),
    burst: part(rule.burst),
    concurrency: part(rule.concurrency),
  };
}

/** A pace as slowed to what the domain bears, and why. */
export function paceWithin(pace: Pace, tolerance: Tolerance): Pace {
  return { ...withinTolerance(pace, tolerance), reasons: [...pace.reasons, ...slowReasonsOf(tolerance)] };
}

/** Why a domain is slowed down; empty where it is not. */
export function slowReasonsOf({ backoff, strain }: Tolerance): SlowReason[] {
  const reasons: SlowReason[] = [];
  if (backoff.earned < RECOVERY) reasons.push("refused");
  if (strain.level > 0) reasons.push("slow-origin");
  return reasons;
}

/** A rule that comes into force after so many more good answers. */
export interface RecoveryStep {
  readonly answers: number;
  readonly rule: RateRule;
}

/** The steps of a domain's way back to its rule from where it is now; none where it was not told to slow down. */
export function wayBack(rule: RateRule, tolerance: Tolerance): RecoveryStep[] {
  const steps: RecoveryStep[] = [];
  let { backoff } = tolerance;
  for (let answers = 1; backoff.earned < RECOVERY; answers++) {
    const next = served(backoff);
    if (shareOf(next) > shareOf(backoff)) {
      steps.push({ answers, rule: withinTolerance(rule, { ...tolerance, backoff: next }) });
      answers = 0;
    }
    backoff = next;
  }
  return steps;
}

/** How far a domain is slowed down, as it is shown. */
export interface BackoffView {
  /** The rate in force as a share of the rule's, 1 where it is not slowed down. */
  readonly share: number;
  readonly reason: SlowReason | null;
  /** The end of the quiet that the site asked for. */
  readonly until: Date | null;
  readonly baselineTtfbMs: number | null;
  readonly recentTtfbMs: number | null;
}

/** @param rule the rule without this slowing; @param until the end of the quiet under way, if there is one. */
export function viewBackoff(rule: RateRule, tolerance: Tolerance, until: Date | null): BackoffView {
  const { strain } = tolerance;
  const { requestsPerSecond } = withinTolerance(rule, tolerance);
  return {
    share: Math.round((100 * requestsPerSecond) / rule.requestsPerSecond) / 100,
    reason: slowReasonsOf(tolerance)[0] ?? null,
    until,
    baselineTtfbMs: rounded(strain.baselineMs),
    recentTtfbMs: rounded(recentTtfbMs(strain)),
  };
}

function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}
