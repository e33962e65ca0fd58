import type { CanaryVerdict } from "@bee/queue";
import type { CanaryRecord } from "@bee/store";

export interface CanaryInput {
  readonly record: CanaryRecord;
  /** Since when checks are expected to pass, by the leader's last verdict or the one before it; null where none is. */
  readonly since: number | null;
  readonly intervalMs: number;
}

export interface CanaryStep {
  /** Whether a check is to be submitted now. */
  readonly submit: boolean;
  /** Whether the one that is on its way has been since before checks were expected, and measures only how long nobody worked. */
  readonly abandon: boolean;
  readonly verdict: CanaryVerdict;
}

/** A fleet that has passed no check for so many intervals does not do its work. */
const PATIENCE = 3;

/** One check after the other, never two: a fleet that stands still must not find a hundred of them when it goes on. */
export function nextCanary({ record, since: known, intervalMs }: CanaryInput): CanaryStep {
  const { now, submittedAt, open, passed } = record;
  const since = known ?? now;
  const abandon = open && submittedAt! < since;
  const isTime = submittedAt === null || submittedAt < since || now - submittedAt >= intervalMs;
  const freshAt = Math.max(since, passed?.at ?? 0);
  return {
    submit: isTime && (!open || abandon),
    abandon,
    verdict: {
      lastAt: passed?.at ?? null,
      durationMs: passed?.durationMs ?? null,
      ok: now - freshAt <= PATIENCE * intervalMs,
      since,
    },
  };
}
