import type { Queues } from "@bee/queue";
import type { Release } from "@bee/store";

/**
 * Puts what Postgres released into the queues. Not part of the transaction: a release that never arrives keeps its
 * lease, and the leader releases the page anew when that has run out.
 */
export async function dispatch(queues: Queues, release: Release): Promise<void> {
  await Promise.all([queues.addVisits(release.visits), queues.addWakes(release.wakes)]);
}
