import type { Outcome } from "./outcome.ts";

/** Pages turned away in a row after which a wall stands before the whole site, where none has got through. */
export const FEWEST_TURNED_AWAY = 10;

/** The same where pages have got through before: a part of the site may be walled, and its pages stand together. */
export const LATEST_ANSWERS = 30;

/**
 * Whether a job is to stop knocking. An answer of the site in between, if only a 404, shows that pages get through.
 * @param latest how the job's pages that got an answer ended, the {@link LATEST_ANSWERS} latest.
 */
export function isWalled(latest: readonly Outcome[]): boolean {
  return latest.length >= FEWEST_TURNED_AWAY && latest.every((outcome) => outcome === "blocked");
}

export const WALLED_REASON = `at least ${FEWEST_TURNED_AWAY} pages in a row were turned away, so this one was not tried any more`;
