import { setTimeout as delay } from "node:timers/promises";
import { ApiAway, ApiProblem } from "./api-client.ts";

const PAUSE_MS = 500;
/** An API that restarts is away for seconds; after this long somebody should look. */
export const PATIENCE_MS = 120_000;

export interface PatienceOptions {
  /** Told each time that the API is away. */
  readonly onAway?: () => void;
  /** Ends the patience. */
  readonly signal?: AbortSignal;
}

/**
 * Asks the API until it answers: one that restarts, or whose stores do, is soon back.
 * @throws what it says when it says no, or stays away.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  { onAway, signal }: PatienceOptions = {},
): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isPassing(error) || signal?.aborted || performance.now() > deadline) throw error;
    }
    onAway?.();
    await delay(PAUSE_MS, undefined, signal && { signal }).catch(() => {});
  }
}

function isPassing(error: unknown): boolean {
  return (error instanceof ApiAway || error instanceof ApiProblem) && error.isPassing;
}
