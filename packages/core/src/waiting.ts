/** Why pages of a job are not running. Their page counts add up to `pending + released`-not-yet-started. */
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
  /** When the reason ends, ISO 8601, where that is known. */
  readonly until: string | null;
}
