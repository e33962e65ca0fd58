import { sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";
import { endWaiting } from "./end-waiting.ts";
import { releasable } from "./release.ts";

/**
 * Ends the waiting pages of a domain whose circuit opened so often in a row that nothing more is to be tried. All of a
 * domain share its circuit, so all its jobs end.
 * @param reasons of such domains, by name.
 */
export async function giveUpOnFailing(work: DomainWork, reasons: ReadonlyMap<string, string>): Promise<void> {
  for (const domain of work.domains) {
    const reason = reasons.get(domain.name);
    if (reason === undefined) continue;
    const jobs = sql`j.domain_id = ${domain.id} and ${releasable}`;
    const allEnded = await endWaiting(work, { jobs, outcome: "unreachable", reason });
    // Where pages are left, the next one is released at once, turned back, and ends the next chunk.
    if (!allEnded) domain.open();
  }
}
