const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** A receiver that takes longer than this to answer has not taken it. */
export const WEBHOOK_DEADLINE_MS = 10 * SECOND_MS;
/** A message is tried for so long after it was written or ordered again. */
export const WEBHOOK_PATIENCE_MS = 24 * HOUR_MS;

/** Pauses after the first failed tries; a restart of the receiver costs seconds, a bad day of its people a few tries. */
const PAUSES_MS = [
  5 * SECOND_MS,
  30 * SECOND_MS,
  2 * MINUTE_MS,
  10 * MINUTE_MS,
  30 * MINUTE_MS,
  HOUR_MS,
  2 * HOUR_MS,
  4 * HOUR_MS,
];
const LONGEST_PAUSE_MS = 6 * HOUR_MS;

/**
 * How long to wait after a try that failed; null when a day has passed and it is given up. The last try is at the end of
 * that day.
 * @param tries tries that failed, with this one.
 * @param ageMs since the first try was due.
 * @param askedMs what the receiver asked for (`Retry-After`); it may lengthen a pause, up to six hours.
 */
export function nextWebhookTry(tries: number, ageMs: number, askedMs: number | null = null): number | null {
  const leftMs = WEBHOOK_PATIENCE_MS - ageMs;
  if (leftMs <= 0) return null;
  const pauseMs = PAUSES_MS[tries - 1] ?? LONGEST_PAUSE_MS;
  const wantedMs = Math.min(Math.max(pauseMs, askedMs ?? 0), LONGEST_PAUSE_MS);
  return Math.min(wantedMs, leftMs);
}

/** 410 Gone says that nobody wants to hear of it any more. */
export function isGone(status: number | null): boolean {
  return status === 410;
}
