import { readCache } from "./cache-status.ts";
import type { CacheVerdict } from "./cache-verdict.ts";
import { classifyFailure } from "./classify-failure.ts";
import type { CacheResult, Outcome } from "./outcome.ts";
import type { AnswerSeen, PageAnswer, PageVisit } from "./page-visit.ts";
import { retryDelay } from "./retry-policy.ts";
import { NOTHING_SEEN, type Observation, type Settlement } from "./settlement.ts";
import { type Throttle, throttleOf } from "./throttle.ts";
import { objectionTo } from "./uncacheable.ts";
import { detectWall, type Wall } from "./wall.ts";

export interface VisitContext {
  /** Counted attempts before this one. */
  readonly attempts: number;
  /** How often this page was handed back because the domain asked for quiet. */
  readonly handBacks: number;
  /** Milliseconds since the epoch: `Retry-After` may name a date. */
  readonly now: number;
}

export interface WarmContext extends VisitContext {
  /** Whether a cache miss is visited a second time. */
  readonly verify: "all" | "none";
}

/** A page that the site itself turned away this often is reported as blocked instead of waiting on. */
const MAX_HAND_BACKS = 5;

/** Between a miss and its proof: long enough for a cache to store what it passed on. */
const PROOF_DELAY_MS = 1_000;

/** How a page's first visit ends. */
export function classifyWarm(visit: PageVisit, context: WarmContext): Settlement {
  if (visit.type !== "answer") return withoutAnswer(visit, context);
  const wall = detectWall(visit);
  const throttle = throttleOf(visit, context.now);
  if (isLimit(throttle, wall)) {
    if (context.handBacks < MAX_HAND_BACKS) return handBack(throttle);
    return refusedBy(throttle, done("blocked", "none", throttle.reason, visit));
  }
  if (wall !== null) {
    const reason = `${wall.vendor} turned us away (${wall.signal})`;
    return refusedBy(throttle, done("blocked", "none", reason, visit));
  }
  if (isOk(visit.status)) return warmOk(visit, context);
  return broken(visit, context.attempts);
}

/**
 * How the visit ends that follows a cache miss. The page is known to be ok, so whatever goes wrong now only leaves
 * the cache unproven; a failed proof carries {@link NOTHING_SEEN}, so that what the first visit saw stands.
 */
export function classifyProof(visit: PageVisit, context: VisitContext): Settlement {
  if (visit.type === "failure" && visit.error.kind === "aborted") {
    return classifyFailure("aborted", visit.error.message, context.attempts);
  }
  if (visit.type !== "answer") return unproven(`the second visit failed: ${problemOf(visit)}`);
  const wall = detectWall(visit);
  const throttle = throttleOf(visit, context.now);
  if (isLimit(throttle, wall)) {
    if (context.handBacks < MAX_HAND_BACKS) return handBack(throttle);
    return refusedBy(throttle, unproven(`the second visit ${throttle.reason}`));
  }
  if (wall !== null) {
    const reason = `${wall.vendor} turned the second visit away (${wall.signal})`;
    return refusedBy(throttle, unproven(reason));
  }
  if (!isOk(visit.status)) return unproven(`the second visit answered ${visit.status}`);
  return proofOk(visit);
}

/** A wall that names a time is only counting, such as Cloudflare's rate limit (error 1015). */
function isLimit(throttle: Throttle | null, wall: Wall | null): throttle is Throttle {
  return throttle !== null && (wall === null || throttle.askedMs !== null);
}

function handBack({ delayMs, askedMs, reason }: Throttle): Settlement {
  return { type: "hand-back", closed: "retry-after", delayMs, reason, refused: { askedMs } };
}

function refusedBy(throttle: Throttle | null, end: Done): Done {
  return throttle === null ? end : { ...end, refused: { askedMs: throttle.askedMs } };
}

function isOk(status: number): boolean {
  return (status >= 200 && status < 300) || status === 304;
}

function warmOk(answer: PageAnswer, { verify }: WarmContext): Settlement {
  const { verdict, said, ownRules } = readCache(answer.headers);
  if (verdict === "none") return done("ok", "none", cutOff(answer), answer);
  if (verdict === "hit") return done("ok", "already-warm", cutOff(answer), answer);
  const objection = objectionTo(answer.headers, answer.status);
  if (verdict === "bypass")
    return done("ok", "uncacheable", objection?.reason ?? `${said} passes it by`, answer);
  // A cache with rules of its own may keep it all the same, so there only the second visit is to be believed.
  const settled = objection?.binding === true && (!ownRules || verify === "none");
  if (settled) return done("ok", "uncacheable", objection.reason, answer);
  if (verify === "all") return { type: "prove", delayMs: PROOF_DELAY_MS, seen: observe(answer) };
  return done("ok", "unproven", "a cache miss, not visited a second time (verify: none)", answer);
}

function proofOk(answer: PageAnswer): Settlement {
  const { verdict, said } = readCache(answer.headers);
  if (verdict === "hit") return done("ok", "warmed", cutOff(answer), answer);
  const objection = objectionTo(answer.headers, answer.status);
  if (verdict === "bypass")
    return done("ok", "uncacheable", objection?.reason ?? `${said} passes it by`, answer);
  // What has expired was kept, whatever a header says that not all caches heed.
  const explained = objection !== null && (objection.binding || verdict !== "expired");
  if (explained) return done("ok", "uncacheable", objection.reason, answer);
  return done("ok", "unproven", cutOff(answer) ?? unwarmed(verdict, said), answer);
}

function unwarmed(verdict: CacheVerdict, said: string | null): string {
  switch (verdict) {
    case "expired":
      return `expired again by the second visit (${said})`;
    case "none":
      return "still a miss on the second visit, which showed no cache any more";
    default:
      return `still a miss on the second visit (${said})`;
  }
}

/** Caches keep complete bodies only, so a body that we stopped reading explains what follows. */
function cutOff({ truncated, bytes }: AnswerSeen): string | null {
  return truncated ? `the body goes on after ${bytes} bytes, where reading stopped` : null;
}

/** 5xx may pass, so it gets three attempts; other refusals are the origin's last word. */
function broken(answer: AnswerSeen, attempts: number): Settlement {
  const { status, redirects } = answer;
  const target = redirects.at(-1);
  const reason =
    target === undefined ? `answered ${status}` : `redirects to ${target}, which answered ${status}`;
  const delayMs = status >= 500 ? retryDelay(attempts) : null;
  if (delayMs !== null) return { type: "retry", delayMs, reason, status };
  return done("broken", "none", attempts === 0 ? reason : `${reason} at attempt ${attempts + 1}`, answer);
}

type WithoutAnswer = Exclude<PageVisit, { type: "answer" }>;

function withoutAnswer(visit: WithoutAnswer, { attempts }: WarmContext): Settlement {
  const problem = problemOf(visit);
  switch (visit.type) {
    case "failure": {
      const { error, redirects, status } = visit;
      return withRedirects(classifyFailure(error.kind, problem, attempts, status), redirects);
    }
    case "disallowed":
      return withRedirects(
        { type: "done", outcome: "disallowed", cache: "none", reason: problem, seen: NOTHING_SEEN },
        visit.redirects,
      );
    case "off-domain":
      return done("ok", "none", problem, { ...visit, redirects: [...visit.redirects, visit.to] });
    default:
      return done("broken", "none", problem, visit);
  }
}

function problemOf(visit: WithoutAnswer): string {
  switch (visit.type) {
    case "failure":
      return visit.error.message;
    case "disallowed":
      return visit.hop === null ? visit.reason : `redirects to ${visit.hop}: ${visit.reason}`;
    case "off-domain":
      return `redirects to another domain: ${visit.to}`;
    case "redirect-loop":
      return `redirects in a circle, back to ${visit.to}`;
    case "too-many-redirects":
      return `redirects more than ${visit.redirects.length} times, next to ${visit.to}`;
    case "bad-redirect":
      return `redirects to what is no web address: ${visit.to}`;
  }
}

function unproven(reason: string): Done {
  return { type: "done", outcome: "ok", cache: "unproven", reason, seen: NOTHING_SEEN };
}

type Done = Extract<Settlement, { type: "done" }>;

function done(outcome: Outcome, cache: CacheResult, reason: string | null, answer: AnswerSeen): Done {
  return { type: "done", outcome, cache, reason, seen: observe(answer) };
}

function withRedirects(settlement: Settlement, redirects: readonly string[]): Settlement {
  return settlement.type === "done" ? { ...settlement, seen: { ...settlement.seen, redirects } } : settlement;
}

function observe({ status, headers, ttfbMs, bytes, redirects }: AnswerSeen): Observation {
  return { status, ttfbMs, bytes, edge: readCache(headers).edge, redirects };
}
