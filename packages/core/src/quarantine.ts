/** What is known of a task's way to the worker that has it now. */
export interface Delivery {
  /** Workers that died, or stood still for too long, while they had this task. */
  readonly deaths: number;
  /** How often its request was begun after the first of those deaths. */
  readonly startsSince: number;
}

/** A page whose visit ended so many workers is not visited again. */
const MOST_DEATHS = 3;

/**
 * Whether a page is to be left alone because its visit kills workers. A worker takes all that it has under way with it,
 * so deaths alone would convict whatever waited beside the page that did it: after the first death only those count
 * before which the page's own request had begun.
 */
export function isQuarantined({ deaths, startsSince }: Delivery): boolean {
  return deaths >= MOST_DEATHS && startsSince >= MOST_DEATHS - 1;
}

export const QUARANTINE_REASON = `quarantined: its visit ended its worker ${MOST_DEATHS} times`;
