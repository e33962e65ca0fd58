import { refusalIn, type Settlement } from "@bee/core";
import type { Database } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import { giveUp } from "./give-up.ts";
import type { HeldDomain } from "./held-domain.ts";
import type { JobLedger } from "./job-ledger.ts";
import type { Release } from "./release.ts";
import { type SettledRow, type SettleItem, writeResults } from "./write-results.ts";

export interface SettleResult {
  readonly release: Release;
  readonly completedJobs: readonly string[];
  /** Results refused because their lease was no longer the page's: another visit answers for the page. */
  readonly stale: number;
  /** What asked for quiet, and for how long its domain gets it. */
  readonly pleas: readonly Plea[];
}

export interface Plea {
  readonly domain: string;
  readonly forMs: number;
  readonly reason: string;
}

/**
 * Records a batch of visits in one transaction: outcomes, counters, next releases.
 *
 * Every page of an accepted job ends in exactly one recorded outcome: a task is acknowledged only after this commit, so
 * none is lost, and a result counts only under the lease it was made with (`state = 'released' and lease = …`), so a
 * worker that wakes up late cannot write a second one. docs/delivery.md says what keeps that through which fault.
 * @param random between 0 and 1, for the length of pauses.
 */
export async function settle(
  db: Database,
  batch: readonly SettleItem[],
  random: () => number = Math.random,
): Promise<SettleResult> {
  const names = [...new Set(batch.map((item) => item.domain))];
  const { value, release, completedJobs } = await inDomains(db, names, async (held) => {
    const { tx, domains, ledger } = held;
    const pleas: Plea[] = [];
    const byLease = new Map(batch.map((item) => [keyOf(item.page, item.lease), item]));
    const byName = new Map(domains.map((domain) => [domain.name, domain]));
    const counted = (await writeResults(tx, batch)).map((row) => {
      return { row, item: byLease.get(keyOf(row.id, row.lease))! };
    });
    for (const { row, item } of counted) {
      const domain = byName.get(item.domain)!;
      account(row, item.settlement, domain, ledger);
      const forMs = judge(item, domain, random);
      if (forMs > 0) pleas.push({ domain: domain.name, forMs, reason: reasonOf(item.settlement) });
    }
    await giveUp(
      held,
      counted.map(({ row, item: { domain, settlement } }) => {
        return { job: row.job_id, domain, outcome: row.outcome, settlement };
      }),
    );
    return { settled: counted.length, pleas };
  });
  return { release, completedJobs, stale: batch.length - value.settled, pleas: value.pleas };
}

/** A page may stand in a batch twice, under two leases, of which one counts. */
function keyOf(page: string, lease: number): string {
  return `${page} ${lease}`;
}

function account(row: SettledRow, settlement: Settlement, domain: HeldDomain, ledger: JobLedger): void {
  domain.takeBack();
  ledger.moved(row.job_id, "released", row.state);
  if (row.outcome !== null) ledger.ended(row.job_id, row.outcome, row.cache ?? "none");
  if (settlement.type !== "hand-back") ledger.visited(row.job_id);
  if (settlement.type === "hand-back" && settlement.closed !== null && settlement.refused === undefined) {
    domain.close(settlement.delayMs, settlement.closed);
  }
  if (row.outcome === "unreachable") domain.missed();
}

/** What the visit says of its domain: whether it is there and willing, and which pace it bears. */
function judge(item: SettleItem, domain: HeldDomain, random: () => number): number {
  const { settlement, ruleRevision: revision, inTime } = item;
  const willing = showsWillingness(settlement);
  if (willing === true) domain.answered(revision);
  if (willing === false) domain.failed();
  return domain.judge(settlement, { revision, inTime, random: random() });
}

function reasonOf(settlement: Settlement): string {
  return ("reason" in settlement && settlement.reason) || "";
}

/** Whether the visit showed the domain to be there and willing; null where it says nothing of the domain. */
function showsWillingness(settlement: Settlement): boolean | null {
  if (refusalIn(settlement) !== null) return false;
  switch (settlement.type) {
    case "prove":
      return true;
    case "retry":
      return false;
    case "hand-back":
      return settlement.closed === null ? null : false;
    case "done":
      if (settlement.outcome === "disallowed") return null;
      return settlement.outcome !== "unreachable" && settlement.outcome !== "blocked";
  }
}
