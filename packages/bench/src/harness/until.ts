import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 2;
/** So long that it is no slow fleet any more, but one that stands still. */
const PATIENCE_MS = 120_000;

/** Waits until something has come about. @throws when it does not within two minutes. */
export async function until<T>(what: string, look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) {
      throw new Error(
        `expected ${what} within ${PATIENCE_MS / 1_000} s, got nothing; see the log of the workers`,
      );
    }
    await pause(LOOK_EVERY_MS);
  }
}
