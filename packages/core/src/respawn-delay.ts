const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;
/** What ran this long was well: its next end is a new story. */
const WELL_AFTER_MS = 60_000;

/** How long to wait before a process that ended is started again: 1 s, doubling to 30 s while it keeps ending. */
export class RespawnDelay {
  #nextMs = FIRST_MS;

  /** @param ranMs how long the process ran that has just ended. */
  next(ranMs: number): number {
    if (ranMs >= WELL_AFTER_MS) this.#nextMs = FIRST_MS;
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(2 * waitMs, LONGEST_MS);
    return waitMs;
  }
}
