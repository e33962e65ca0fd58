import { isEnded, type JobStatus } from "./job.ts";
import type { ClosedReason } from "./settlement.ts";

/** Why pages of a job are not running, in the order in which they are told. */
export const WAIT_REASONS = [
  "rate-limit",
  "crawl-delay",
  "retry-after",
  "circuit-open",
  "tier-share",
  "no-worker",
  "paused",
  "proof-delay",
] as const;
export type WaitReason = (typeof WAIT_REASONS)[number];

export interface Waiting {
  readonly reason: WaitReason;
  /** 0 where the job itself waits and knows of no page yet. */
  readonly pages: number;
  /** When the reason ends, where that is known or can be estimated. */
  readonly until: Date | null;
  /** What closed the domain, where that is known: "answered 500". */
  readonly because?: string;
}

/** Why a domain gets no requests, and until when. */
export interface DomainClosed {
  readonly reason: ClosedReason;
  readonly until: Date;
  readonly because?: string;
}

/**
 * Where a task is: `queued` for a slot, `held-back` to the moment it may start, `running` in a worker's hands,
 * `abandoned` by a worker that died, or `missing` from Redis altogether.
 */
export type TaskState = "queued" | "held-back" | "running" | "abandoned" | "missing";

/** Pages, and when the last of them is due. */
export interface DuePages {
  readonly pages: number;
  readonly until: Date | null;
}

export interface WaitingFacts {
  readonly status: JobStatus;
  /** The task that finds the job's pages; null when they are all known. */
  readonly expansion: TaskState | null;
  /** Pages in the frontier. */
  readonly pending: number;
  /** Those of them that wait for their proof. */
  readonly proofs: DuePages;
  /** Those of them that failed and wait for another attempt. */
  readonly retries: DuePages;
  /** The tasks of the released pages. */
  readonly tasks: readonly TaskState[];
  readonly closed: DomainClosed | null;
  /** Whether the domain's pace is its robots.txt's `Crawl-delay`. */
  readonly crawlDelayed: boolean;
  /** When the job is through at that pace. */
  readonly paceUntil: Date | null;
  readonly liveWorkers: number;
}

/**
 * Says why a job and its pages wait. The pages of the answers add up to all that have no outcome and are not running,
 * each counted once under the reason that holds it longest.
 */
export function explainWaiting(facts: WaitingFacts): Waiting[] {
  if (isEnded(facts.status)) return [];
  const told = WAIT_REASONS.flatMap((reason) => {
    const parts = partsOf(facts).filter((part) => part.reason === reason && part.pages > 0);
    if (parts.length === 0) return [];
    const because = parts.find((part) => part.because !== undefined)?.because;
    const why = because === undefined ? {} : { because };
    return [{ reason, pages: sum(parts), until: latest(parts), ...why }];
  });
  return told.length > 0 ? told : waitingAsAWhole(facts);
}

function partsOf(facts: WaitingFacts): Waiting[] {
  const { status, pending, proofs, retries, tasks, closed, liveWorkers } = facts;
  const count = (...states: TaskState[]) => tasks.filter((state) => states.includes(state)).length;
  const queued = count("queued");
  const heldBack = count("held-back");
  const leftAlone = count("abandoned", "missing");
  const all = pending + queued + heldBack + leftAlone;
  if (status === "paused") return [{ reason: "paused", pages: all, until: null }];
  if (liveWorkers === 0) return [{ reason: "no-worker", pages: all, until: null }];

  const pace = { reason: facts.crawlDelayed ? "crawl-delay" : "rate-limit", until: facts.paceUntil } as const;
  const slot = { reason: "tier-share", until: null } as const;
  const released: Waiting[] = [
    { ...slot, pages: queued },
    { ...pace, pages: heldBack },
    { reason: "no-worker", pages: leftAlone, until: null },
  ];
  if (closed !== null) return [...released, { ...closed, pages: pending }];
  // Counts that were not read at the same moment as `pending` may be ahead of it.
  const proving = Math.min(proofs.pages, pending);
  const retrying = Math.min(retries.pages, pending - proving);
  // Behind pages that all wait for a slot it is not the pace that holds the others up.
  const front = queued > 0 && queued === tasks.length ? slot : pace;
  return [
    ...released,
    { reason: "proof-delay", pages: proving, until: proofs.until },
    { reason: "retry-after", pages: retrying, until: retries.until },
    { ...front, pages: pending - proving - retrying },
  ];
}

/** A job whose pages are not known yet waits for its turn to have them found. */
function waitingAsAWhole({ status, expansion, tasks, closed, liveWorkers }: WaitingFacts): Waiting[] {
  const whole = (reason: WaitReason): Waiting[] => [{ reason, pages: 0, until: null }];
  if (status === "paused") return whole("paused");
  const isOpen = closed === null;
  if (expansion === null || tasks.includes("running") || (isOpen && expansion === "running")) return [];
  if (liveWorkers === 0) return whole("no-worker");
  // Nothing of a closed domain is under way: its expansions were handed back, and have no task until it opens.
  if (!isOpen) return [{ ...closed, pages: 0 }];
  return whole(expansion === "abandoned" ? "no-worker" : "tier-share");
}

function sum(parts: readonly Waiting[]): number {
  return parts.reduce((pages, part) => pages + part.pages, 0);
}

function latest(parts: readonly Waiting[]): Date | null {
  const known = parts.flatMap(({ until }) => (until === null ? [] : [until.getTime()]));
  return known.length === 0 ? null : new Date(Math.max(...known));
}
