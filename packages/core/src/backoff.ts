/** What a site said when it asked for quiet: for how many milliseconds; null where it did not say. */
export interface Refusal {
  readonly askedMs: number | null;
}

/** How far a domain is on its way back from being told to slow down. */
export interface Backoff {
  /** Good answers since, of {@link RECOVERY}; as many where the site never complained or has recovered. */
  readonly earned: number;
  /** How often our own quiet has been doubled. */
  readonly doublings: number;
  /** Refusals in a row, without one good answer between them. */
  readonly refusals: number;
  /** All that was kept since the last good answer, in milliseconds. */
  readonly quietMs: number;
  /** What the last refusal got, which was kept when the site is asked again. */
  readonly lastQuietMs: number;
}

/** So many good answers bring a domain back to its rule, one step after each quarter of them. */
export const RECOVERY = 20;
const STEP = RECOVERY / 4;

/** What a refusal takes back of the good answers that were earned since the one before. */
const SETBACK = RECOVERY / 2;

const FIRST_QUIET_MS = 5_000;
/** Before its jitter, which adds up to a fifth: none of our own is longer than 300 s. */
const LONGEST_QUIET_MS = 250_000;
const JITTER = 0.2;

/** A site that still refuses after so much quiet, and at least so often in a row, will not serve the rest either. */
const HOPELESS_QUIET_MS = 9 * 60_000;
const HOPELESS_REFUSALS = 3;

export const AT_EASE: Backoff = Object.freeze({
  earned: RECOVERY,
  doublings: 0,
  refusals: 0,
  quietMs: 0,
  lastQuietMs: 0,
});

/**
 * The site asks for quiet. It is given what it asks for; where it does not say how long, or has refused
 * before, at least ours: 5 s, twice as long each time, up to 300 s.
 *
 * The first refusal takes the domain back to the lowest step, because nothing is known yet of what the site bears; a
 * further one takes back half of the recovery.
 * @param random between 0 and 1.
 */
export function refused(
  before: Backoff,
  { askedMs }: Refusal,
  random: number,
): { readonly after: Backoff; readonly quietMs: number } {
  const ownMs = ownQuietMs(before.doublings, random);
  // Obeyed to the letter at first. That the site refuses again after it shows that it was too short.
  const quietMs = askedMs === null || before.refusals > 0 ? Math.max(askedMs ?? 0, ownMs) : askedMs;
  const after = {
    earned: before.earned >= RECOVERY ? 0 : Math.max(0, before.earned - SETBACK),
    doublings:
      FIRST_QUIET_MS * 2 ** before.doublings >= LONGEST_QUIET_MS ? before.doublings : before.doublings + 1,
    refusals: before.refusals + 1,
    quietMs: before.quietMs + before.lastQuietMs,
    lastQuietMs: quietMs,
  };
  return { after, quietMs };
}

function ownQuietMs(doublings: number, random: number): number {
  return Math.min(LONGEST_QUIET_MS, FIRST_QUIET_MS * 2 ** doublings) * (1 + JITTER * random);
}

/** A page was served as it should be. Each step that is earned also takes back one doubling of the next quiet. */
export function served(before: Backoff): Backoff {
  if (before.earned >= RECOVERY) return before;
  const earned = before.earned + 1;
  if (earned >= RECOVERY) return AT_EASE;
  const doublings = earned % STEP === 0 ? Math.max(0, before.doublings - 1) : before.doublings;
  return { earned, doublings, refusals: 0, quietMs: 0, lastQuietMs: 0 };
}

/** The share of its rule that a domain gets: 1/5 after a refusal, then a fifth more with each step. */
export function shareOf({ earned }: Backoff): number {
  return (1 + Math.floor(earned / STEP)) / (1 + RECOVERY / STEP);
}

/** Whether the site has refused so long that knocking once more for every page would be of no use. */
export function refusesAll({ refusals, quietMs }: Backoff): boolean {
  return refusals >= HOPELESS_REFUSALS && quietMs >= HOPELESS_QUIET_MS;
}

/** The refusals in a row are forgotten, so that what comes next finds out anew; the pace stays as slow as it is. */
export function forgotten(before: Backoff): Backoff {
  return { ...before, refusals: 0, quietMs: 0, lastQuietMs: 0 };
}
