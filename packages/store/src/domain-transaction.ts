import type { RuleInForce } from "@bee/core";
import type { Database, Tx } from "./database.ts";
import type { HeldDomain } from "./held-domain.ts";
import { holdDomains, saveDomains } from "./hold-domains.ts";
import { JobLedger } from "./job-ledger.ts";
import { agreePremium } from "./premium.ts";
import { type Release, releasePages } from "./release.ts";
import { writeJobEvents } from "./webhook-outbox.ts";

/** What a change of pages works with while it holds its domains. */
export interface DomainWork {
  readonly tx: Tx;
  readonly domains: readonly HeldDomain[];
  readonly ledger: JobLedger;
}

export interface DomainResult<T> {
  readonly value: T;
  readonly release: Release;
  readonly completedJobs: readonly string[];
}

/**
 * Every change of pages runs through here: hold the domains, do the work, release the next pages of the same
 * domains, write jobs and domains once, commit. So finishing a page and releasing the next one are one
 * transaction, and no dispatcher has to look for work.
 */
export async function inDomains<T>(
  db: Database,
  names: readonly string[],
  work: (held: DomainWork) => Promise<T>,
): Promise<DomainResult<T>> {
  return db.transaction().execute(async (tx) => {
    const domains = await holdDomains(tx, names);
    const ledger = new JobLedger();
    const value = await work({ tx, domains, ledger });
    const release = await releasePages(tx, domains, ledger);
    const completedJobs = await ledger.save(tx);
    await saveDomains(tx, domains);
    await writeJobEvents(tx, [...completedJobs, ...ledger.failedJobs]);
    // Where no job has begun or ended, none can have been the last premium one.
    const mayDiffer = completedJobs.length > 0 || domains.some((domain) => domain.expansionsTurn);
    if (!mayDiffer) return { value, release, completedJobs };
    const changed = await agreePremium(
      tx,
      domains.map(({ id }) => id),
    );
    return { value, release: underNewRules(release, changed), completedJobs };
  });
}

/** What was released before the transaction changed a rule is visited under the new one. */
function underNewRules(release: Release, rules: ReadonlyMap<string, RuleInForce>): Release {
  if (rules.size === 0) return release;
  const visits = release.visits.map((visit) => {
    const { task } = visit;
    const inForce = rules.get(task.domain);
    if (inForce === undefined) return visit;
    return { ...visit, task: { ...task, rule: inForce.rule, ruleRevision: inForce.revision } };
  });
  return { ...release, visits };
}
