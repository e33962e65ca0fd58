import { Lateness } from "@bee/testkit";
import { afterAll, type beforeEach } from "@jest/globals";

/** How late a start may be whose followers are on time all the same. */
const SPREAD_MS = 25;

/**
 * By how many milliseconds requests may come closer together in a target's log than their gate let them go. They are as
 * late on their way as this machine is meanwhile: the workers and the target share one event loop.
 * @param begin when the measuring begins (anew): as late as the tests allow, for one stall excuses all that it holds.
 */
export function jitterSince(begin: typeof beforeEach): () => number {
  const lateness = new Lateness();
  begin(() => lateness.start());
  afterAll(() => lateness.stop());
  return () => SPREAD_MS + 2 * lateness.worst();
}
