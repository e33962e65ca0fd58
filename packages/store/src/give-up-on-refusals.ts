import { sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";
import { endWaiting } from "./end-waiting.ts";
import { releasable } from "./release.ts";

const REASON =
  "the site asked for quiet again and again and served nothing in between, so this page was not tried any more";

/**
 * Ends the waiting pages of domains that refuse everything: each page would have to be refused six times before it
 * counts as blocked, with pauses in between, and a job of 500 pages would knock for days.
 */
export async function giveUpOnRefusals(work: DomainWork): Promise<void> {
  const refusing = work.domains.filter((domain) => domain.refusesAll);
  if (refusing.length === 0) return;
  const ids = refusing.map(({ id }) => id);
  const jobs = sql`j.domain_id = any(${ids}::int[]) and ${releasable}`;
  const allEnded = await endWaiting(work, { jobs, outcome: "blocked", reason: REASON });
  // Where pages are left, the next refusal ends the next chunk.
  if (allEnded) for (const domain of refusing) domain.forgetRefusals();
}
