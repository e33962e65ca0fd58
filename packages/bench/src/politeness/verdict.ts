import type { RateRule } from "@bee/core";
import { mostInFlight, type RequestEntry, worstExcess } from "@bee/testkit";
import type { Target } from "./sites.ts";

/** A rule that held for a domain from one moment to another, by the clock of the requests. */
export interface Reign {
  readonly what: string;
  readonly rule: RateRule;
  /** Milliseconds by which a request may be late and its followers on time. */
  readonly roomMs: number;
  readonly from: number;
  readonly to: number;
}

export interface Verdict {
  readonly reign: Reign;
  readonly requests: number;
  /** By how many requests the worst window went over `r·T + b` in the target's log; at most 0 when none did. */
  readonly excess: number;
  /** The same where every window is longer by what may have made requests late behind their gate. */
  readonly excessAllowed: number;
  readonly inFlight: number;
  /** Of the requests that the rule allowed in the time. */
  readonly used: number;
}

/** Gates keep so much of a burst free for requests that are late. */
const ROOM_MS = 250;
/** Where there is no burst, a request may be this late although there is no room for it. */
const SPREAD_MS = 25;

/** @param lateMs by how much this machine may have brought two requests closer together. */
export function judge(reign: Reign, log: readonly RequestEntry[], lateMs: number): Verdict {
  const { rule, roomMs, from, to } = reign;
  const entries = log.filter(({ startedAt }) => startedAt >= from && startedAt < to);
  const allowed = ((to - from) / 1_000) * rule.requestsPerSecond + rule.burst;
  return {
    reign,
    requests: entries.length,
    excess: worstExcess(entries, rule),
    excessAllowed: worstExcess(entries, rule, Math.max(0, lateMs - roomMs)),
    inFlight: mostInFlight(entries),
    used: entries.length / allowed,
  };
}

function roomOf({ requestsPerSecond, burst }: RateRule): number {
  return burst === 1 ? -SPREAD_MS : Math.min(ROOM_MS, ((burst - 1) * 1_000) / requestsPerSecond);
}

/** All tasks released under an old rule have been visited by then. */
const CHANGE_TAKES_MS = 2_000;
/** Requests that come before a Crawl-delay is known: robots.txt, and the sitemap at the same moment. */
const BEFORE_DELAY = 2;

export interface Course {
  readonly target: Target;
  readonly log: readonly RequestEntry[];
  readonly from: number;
  readonly to: number;
  /** Another rule, and when it was ordered. */
  readonly change: { readonly at: number; readonly rule: RateRule } | undefined;
}

/** What held when: a rule, the next one, and while one took the other's place whichever allowed more. */
export function reigns({ target, log, from, to, change }: Course): Reign[] {
  const { what, rule, slowed } = target;
  if (change !== undefined) {
    const rooms = { before: roomOf(rule), after: roomOf(change.rule) };
    const roomMs = Math.min(rooms.before, rooms.after);
    return [
      { what: `${what}, before`, rule, roomMs: rooms.before, from, to: change.at },
      { what: `${what}, all the time`, rule: wider(rule, change.rule), roomMs, from, to },
      {
        what: `${what}, after`,
        rule: change.rule,
        roomMs: rooms.after,
        from: change.at + CHANGE_TAKES_MS,
        to,
      },
    ];
  }
  if (slowed === undefined) return [{ what, rule, roomMs: roomOf(rule), from, to }];
  const known = log[BEFORE_DELAY]?.startedAt ?? from;
  return [{ what, rule: slowed, roomMs: roomOf(slowed), from: Math.max(from, known), to }];
}

/** A rule that allows whatever one of both allows. */
function wider(one: RateRule, other: RateRule): RateRule {
  return {
    requestsPerSecond: Math.max(one.requestsPerSecond, other.requestsPerSecond),
    burst: Math.max(one.burst, other.burst),
    concurrency: Math.max(one.concurrency, other.concurrency),
  };
}
