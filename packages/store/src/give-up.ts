import { isWalled, type Outcome, type Settlement, storable, WALLED_REASON } from "@bee/core";
import { sql } from "kysely";
import type { DomainWork } from "./domain-transaction.ts";
import { endWaiting } from "./end-waiting.ts";
import { latestOutcomes } from "./latest-outcomes.ts";
import { releasable } from "./release.ts";

/** So many pages in a row that were tried to the end and never reached mean that the domain is not there. */
const MOST_UNREACHED = 5;

const REFUSED_REASON =
  "the site asked for quiet again and again and served nothing in between, so this page was not tried any more";

/** What a result that counted says of the pages that still wait. */
export interface CountedResult {
  readonly job: string;
  readonly domain: string;
  readonly outcome: Outcome | null;
  readonly settlement: Settlement;
}

/**
 * Ends the waiting pages of which nothing is to be hoped for, after what was just met: each would cost visits and pauses
 * to be told the same. Where they are too many for one transaction, the next page that meets it ends more of them.
 */
export async function giveUp(work: DomainWork, results: readonly CountedResult[]): Promise<void> {
  const jobsWith = (wanted: Outcome) => [
    ...new Set(results.filter(({ outcome }) => outcome === wanted).map(({ job }) => job)),
  ];
  await giveUpOnUnreached(work, jobsWith("unreachable"));
  await giveUpOnWalled(work, jobsWith("blocked"));
  await giveUpOnRefusing(work);
  await giveUpOnFailing(work, results);
}

/**
 * Domains that are not there: a page costs three visits, one in half a minute while the circuit is open.
 * @param jobs whose pages were just not reached: another job of the domain may be for a port or host that is there.
 */
async function giveUpOnUnreached(work: DomainWork, jobs: readonly string[]): Promise<void> {
  const gone = work.domains.filter((domain) => domain.unreached >= MOST_UNREACHED);
  if (gone.length === 0) return;
  const allEnded = await endWaiting(work, {
    jobs: sql`j.id = any(${jobs}::uuid[]) and j.domain_id = any(${gone.map(({ id }) => id)}::int[])`,
    outcome: "unreachable",
    reason: `the domain was not reached for ${MOST_UNREACHED} pages in a row, so this one was not tried any more`,
  });
  if (allEnded) for (const domain of gone) domain.forgetMisses();
}

/**
 * Jobs that a wall keeps out: a page is one more request to a site that has said no.
 * @param jobs of which pages were just turned away.
 */
async function giveUpOnWalled(work: DomainWork, jobs: readonly string[]): Promise<void> {
  const walled: string[] = [];
  for (const job of jobs) if (isWalled(await latestOutcomes(work.tx, job))) walled.push(job);
  if (walled.length === 0) return;
  await endWaiting(work, {
    jobs: sql`j.id = any(${walled}::uuid[])`,
    outcome: "blocked",
    reason: WALLED_REASON,
  });
}

/** Domains that refuse everything: a page counts as blocked after six refusals with pauses in between. */
async function giveUpOnRefusing(work: DomainWork): Promise<void> {
  const refusing = work.domains.filter((domain) => domain.refusesAll);
  if (refusing.length === 0) return;
  const allEnded = await endWaiting(work, {
    jobs: sql`j.domain_id = any(${refusing.map(({ id }) => id)}::int[]) and ${releasable}`,
    outcome: "blocked",
    reason: REFUSED_REASON,
  });
  if (allEnded) for (const domain of refusing) domain.forgetRefusals();
}

/** Domains whose circuit opened so often in a row that nothing more is to be tried: all their jobs share it. */
async function giveUpOnFailing(work: DomainWork, results: readonly CountedResult[]): Promise<void> {
  const reasons = new Map(
    results.flatMap(({ domain, settlement }) =>
      settlement.type === "hand-back" && settlement.givenUp !== undefined
        ? [[domain, storable(settlement.givenUp)] as const]
        : [],
    ),
  );
  for (const domain of work.domains) {
    const reason = reasons.get(domain.name);
    if (reason === undefined) continue;
    const jobs = sql`j.domain_id = ${domain.id} and ${releasable}`;
    const allEnded = await endWaiting(work, { jobs, outcome: "unreachable", reason });
    // The next page is released at once, turned back, and ends the next chunk.
    if (!allEnded) domain.open();
  }
}
