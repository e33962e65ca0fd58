/** Pauses before the second and the third attempt; a third failure is final. */
const RETRY_DELAYS_MS = [2_000, 8_000] as const;

/** The pause before the next attempt, or null when the attempts are used up. */
export function retryDelay(attempts: number): number | null {
  return RETRY_DELAYS_MS[attempts] ?? null;
}
