import type { JobStatus } from "./job.ts";
import type { ClosedReason } from "./settlement.ts";

/** Why pages of a job are not running. */
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
  readonly pages: number;
  /** When the reason ends, where that is known. */
  readonly until: Date | null;
}

export interface WaitingFacts {
  readonly status: JobStatus;
  /** Pages in the frontier. */
  readonly pending: number;
  /** Those of them that wait for a moment of their own: a proof after its pause, a retry after its back-off. */
  readonly delayed: { readonly pages: number; readonly until: Date | null };
  readonly closed: { readonly reason: ClosedReason; readonly until: Date } | null;
  /** Whether the domain's pace is its robots.txt's `Crawl-delay`. */
  readonly crawlDelayed: boolean;
  readonly liveWorkers: number;
}

/** Says for every page of a job in the frontier why it waits: the pages of the answers add up to `pending`. */
export function explainWaiting(facts: WaitingFacts): Waiting[] {
  const { status, pending, delayed, closed, crawlDelayed, liveWorkers } = facts;
  if (pending === 0) return [];
  if (status === "paused") return [{ reason: "paused", pages: pending, until: null }];
  if (liveWorkers === 0) return [{ reason: "no-worker", pages: pending, until: null }];
  if (closed !== null) return [{ reason: closed.reason, pages: pending, until: closed.until }];
  const proofs = Math.min(delayed.pages, pending);
  const pace: Waiting = {
    reason: crawlDelayed ? "crawl-delay" : "rate-limit",
    pages: pending - proofs,
    until: null,
  };
  const proof: Waiting = { reason: "proof-delay", pages: proofs, until: delayed.until };
  return [pace, proof].filter((waiting) => waiting.pages > 0);
}
