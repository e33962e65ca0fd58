import { sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";
import { endWaiting } from "./end-waiting.ts";

/** So many pages in a row that were tried to the end and never reached mean that the domain is not there. */
const MOST_UNREACHED = 5;

/**
 * Ends the waiting pages of domains that are not there: each would cost three visits, one in half a minute while the
 * circuit is open, and a job of ten thousand pages would last for days.
 * @param jobs whose pages were just not reached: another job of the domain may be for a port or host that is there.
 */
export async function giveUpOnUnreached(work: DomainWork, jobs: readonly string[]): Promise<void> {
  const gone = work.domains.filter((domain) => domain.unreached >= MOST_UNREACHED);
  if (gone.length === 0) return;
  const ids = gone.map(({ id }) => id);
  const allEnded = await endWaiting(work, {
    jobs: sql`j.id = any(${[...jobs]}::uuid[]) and j.domain_id = any(${ids}::int[])`,
    outcome: "unreachable",
    reason: `the domain was not reached for ${MOST_UNREACHED} pages in a row, so this one was not tried any more`,
  });
  // Where pages are left, the next one that is not reached ends the next chunk.
  if (allEnded) for (const domain of gone) domain.forgetMisses();
}
