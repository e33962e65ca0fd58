import type { ClosedReason } from "@bee/core";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import type { Release } from "./release.ts";

/**
 * Closes a domain for whom no visit does it: an expansion that may not go on.
 * @returns the wake for the domain's opening; whoever acts on that finds the expansion's turn.
 */
export async function closeDomain(
  db: Database,
  name: string,
  forMs: number,
  reason: ClosedReason,
): Promise<Release> {
  const { release } = await inDomains(db, [name], async ({ domains }) => {
    for (const domain of domains) {
      domain.close(forMs, reason);
      domain.failed();
    }
  });
  return release;
}
