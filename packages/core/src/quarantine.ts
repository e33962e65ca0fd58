/** A page whose visit ended so many workers is not visited again. */
const MOST_DEATHS = 3;

/**
 * Whether a page is to be left alone because its visit kills workers. A worker takes all that it has under way with it,
 * so deaths alone would convict whatever waited beside the page that did it: after the first death only those count
 * that came while the page's own request was under way.
 * @param suspectStarts how often its request was begun since the first death, and did not end.
 */
export function isQuarantined(suspectStarts: number): boolean {
  return suspectStarts >= MOST_DEATHS - 1;
}

export const QUARANTINE_REASON = `quarantined: its visit ended its worker ${MOST_DEATHS} times`;
