import type { RateRule } from "./rate-rule.ts";
import { TIERS, type Tier } from "./tier.ts";
import type { RecoveryStep } from "./tolerance.ts";
import { windowFor } from "./window.ts";

/** How far a job is. */
export interface JobProgress {
  readonly tier: Tier;
  /** Whether a page that missed the cache is visited a second time. */
  readonly proves: boolean;
  /** Pages without an outcome. */
  readonly open: number;
  /** Those of them that were visited already and will be again: for their proof, or for another attempt. */
  readonly begun: number;
  /** Pages that were visited and have their outcome. */
  readonly finished: number;
  readonly visits: number;
}

/** What the job's latest pages showed of its domain. */
export interface DomainAnswers {
  /** Mean time to an answer; null while there was none. */
  readonly answerMs: number | null;
  /** The standard deviation of that time. */
  readonly spreadMs: number;
  /** Mean redirects that were followed for a page; each is a request. */
  readonly hops: number;
  /** How long ago the latest visits ended, the latest first. */
  readonly endedMsAgo: readonly number[];
}

export interface EtaFacts {
  readonly job: JobProgress;
  /** The domain's other jobs, whose requests pass the same gate. */
  readonly others: readonly JobProgress[];
  readonly answers: DomainAnswers;
  /** In force now. */
  readonly rule: RateRule;
  /** The faster rules that follow, where the domain was told to slow down. */
  readonly wayBack: readonly RecoveryStep[];
  /** Until the domain may be visited again. */
  readonly closedForMs: number;
  /** Of a domain slower than one request a second: until the next page that is released may start. */
  readonly nextInMs: number;
  /** Pages of the domain that are released. */
  readonly released: number;
  /** Until the last page that waits for a moment of its own is due. */
  readonly dueInMs: number;
}

/** From the end of a visit to the release of the next page: settled in batches of a quarter of a second. */
const SETTLE_SECONDS = 0.2;

/** Seconds until a job is done, at its domain's pace and in its turn among the domain's jobs; in tenths. */
export function etaSeconds(facts: EtaFacts): number {
  const { job, answers, closedForMs, dueInMs } = facts;
  if (job.open === 0) return 0;
  const fresh = Math.max(0, job.open - job.begun);
  const requests = visitsLeft(job) + fresh * answers.hops + visitsAhead(facts);
  const total = Math.max(closedForMs / 1_000 + secondsInSteps(requests, facts), dueInMs / 1_000);
  return Math.round(10 * total) / 10;
}

/** Three attempts and a proof. A job that is run again has visits of pages that are no longer finished. */
const MOST_VISITS = 4;

/** Visits that a page takes: as many as the pages visited so far, of which those begun will have one more. */
function visitsPerPage({ finished, begun, visits, proves }: JobProgress): number {
  const visited = finished + begun;
  if (visited > 0) return Math.min(MOST_VISITS, Math.max(1, (visits + begun) / visited));
  return proves ? 2 : 1;
}

function visitsLeft(job: JobProgress): number {
  return Math.max(0, job.open - job.begun) * visitsPerPage(job) + Math.min(job.begun, job.open);
}

/**
 * Visits of other jobs before this one's last: all of a higher tier; of its own tier as many as its own, in turn; of a
 * lower tier half a window: what is in it beside the job's last pages, the gate lets through in any order.
 */
function visitsAhead({ job, others, rule }: EtaFacts): number {
  const own = visitsLeft(job);
  const besideTheLast = (windowFor(rule, false) - 1) / 2;
  const rank = (tier: Tier) => TIERS.indexOf(tier);
  const left = (which: (other: JobProgress) => boolean) => others.filter(which).map(visitsLeft);
  const higher = left(({ tier }) => rank(tier) < rank(job.tier));
  const equal = left(({ tier }) => tier === job.tier).map((theirs) => Math.min(theirs, own));
  const lower = left(({ tier }) => rank(tier) > rank(job.tier));
  return sum(higher) + sum(equal) + Math.min(sum(lower), besideTheLast);
}

/** Of a domain on its way back to its rule: each step at its pace, if all goes well. */
function secondsInSteps(requests: number, facts: EtaFacts): number {
  const [step, ...others] = facts.wayBack;
  if (step === undefined || requests <= step.answers) return secondsOf(requests, facts);
  // What is under way and planned now belongs to this step.
  const answers = { ...facts.answers, endedMsAgo: [] };
  const after = { ...facts, rule: step.rule, wayBack: others, nextInMs: 0, released: 0, answers };
  return secondsOf(step.answers, facts) + Math.max(0, secondsInSteps(requests - step.answers, after));
}

function secondsOf(requests: number, facts: EtaFacts): number {
  if (requests === 0) return 0;
  const { rule, answers } = facts;
  const answer = (answers.answerMs ?? 0) / 1_000;
  if (rule.requestsPerSecond < 1) return secondsInSpacings(requests, answer, facts);
  // Half a visit less: on average as much time has passed since the last start.
  const allowed = (requests - 0.5) / rule.requestsPerSecond;
  const places = rule.concurrency / answer;
  if (places >= rule.requestsPerSecond) return allowed;
  // Of the visits that end last one takes longer than the mean.
  const last = answers.spreadMs / 1_000 + SETTLE_SECONDS;
  return Math.max(allowed, secondsInPlaces(requests, answer, rule.concurrency, answers.endedMsAgo) + last);
}

/**
 * Of a domain slower than one request a second, which is visited one page at a time. Its next start is planned, but
 * those before it may have been late, and the gate keeps the distance from them.
 */
function secondsInSpacings(requests: number, answer: number, facts: EtaFacts): number {
  const { rule, answers, nextInMs, released } = facts;
  const distance = 1 / rule.requestsPerSecond;
  const planned = nextInMs / 1_000 - released * distance;
  const afterLast = distance - (answers.endedMsAgo[0] ?? Number.POSITIVE_INFINITY) / 1_000 - answer;
  const spacing = Math.max(distance, answer + SETTLE_SECONDS);
  return Math.max(0, Math.max(planned, afterLast) + (requests - 1) * spacing + answer + SETTLE_SECONDS);
}

/**
 * Of a domain whose answers take so long that its concurrency is what limits it. Each visit begins where another has
 * ended, so the ends of the latest visits tell when those under way end, and those that follow them.
 */
function secondsInPlaces(
  requests: number,
  answer: number,
  places: number,
  endedMsAgo: readonly number[],
): number {
  const frees = Array.from({ length: places }, (_, i) => {
    const left = answer - (endedMsAgo[i] ?? Number.POSITIVE_INFINITY) / 1_000;
    // Unknown, or so long over that another visit must have ended since: evenly spread.
    return left > -answer / 2 ? Math.max(0, left) : (answer * (places - i)) / places;
  }).sort((a, b) => a - b);
  const last = Math.max(0, Math.ceil(requests) - 1);
  return Math.floor(last / places) * answer + frees[last % places]!;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
