import type { CacheResult, EndState, Outcome, Settlement } from "@bee/core";
import { endStateOf, refusalIn, storable, wellFormed } from "@bee/core";
import { sql } from "kysely";
import type { Database, Tx } from "./database.ts";
import { inDomains } from "./domain-transaction.ts";
import { giveUpOnUnreached } from "./give-up.ts";
import { giveUpOnFailing } from "./give-up-on-failing.ts";
import { giveUpOnRefusals } from "./give-up-on-refusals.ts";
import type { HeldDomain } from "./held-domain.ts";
import type { JobLedger } from "./job-ledger.ts";
import type { Release } from "./release.ts";
import { stopAtWalls } from "./walls.ts";

/** The result of one visit, with the lease under which the visit was made. */
export interface SettleItem {
  readonly page: string;
  readonly lease: number;
  readonly domain: string;
  /** Of the rule under which it was made; the newest where it is not known. */
  readonly ruleRevision?: number;
  /** Whether the worker was, so that the times it measured are the origin's; so it was where that is not known. */
  readonly inTime?: boolean;
  readonly settlement: Settlement;
}

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
    const settled = await writePages(tx, batch);
    const byLease = new Map(batch.map((item) => [keyOf(item.page, item.lease), item]));
    const byName = new Map(domains.map((domain) => [domain.name, domain]));
    for (const row of settled) {
      const item = byLease.get(keyOf(row.id, row.lease))!;
      const domain = byName.get(item.domain)!;
      account(row, item.settlement, domain, ledger);
      const forMs = judge(item, domain, random);
      if (forMs > 0) pleas.push({ domain: domain.name, forMs, reason: reasonOf(item.settlement) });
    }
    const unreached = settled.filter(({ outcome }) => outcome === "unreachable").map((row) => row.job_id);
    await giveUpOnUnreached(held, unreached);
    await stopAtWalls(
      held,
      settled.filter(({ outcome }) => outcome === "blocked").map((row) => row.job_id),
    );
    await giveUpOnRefusals(held);
    const counted = settled.map((row) => byLease.get(keyOf(row.id, row.lease))!);
    await giveUpOnFailing(held, reasonsToGiveUp(counted));
    return { settled: settled.length, pleas };
  });
  return { release, completedJobs, stale: batch.length - value.settled, pleas: value.pleas };
}

/** A page may stand in a batch twice, under two leases, of which one counts. */
function keyOf(page: string, lease: number): string {
  return `${page} ${lease}`;
}

interface SettledRow {
  id: string;
  lease: number;
  job_id: string;
  state: EndState | "pending";
  outcome: Outcome | null;
  cache: CacheResult | null;
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
  const { settlement, ruleRevision: revision = domain.ruleRevision, inTime = true } = item;
  const willing = showsWillingness(settlement);
  if (willing === true) domain.answered(revision);
  if (willing === false) domain.failed();
  return domain.judge(settlement, { revision, inTime, random: random() });
}

/** Of the domains that failed so often in a row that their pages are given up, why. */
function reasonsToGiveUp(items: readonly SettleItem[]): Map<string, string> {
  return new Map(
    items.flatMap(({ domain, settlement }) =>
      settlement.type === "hand-back" && settlement.givenUp !== undefined
        ? [[domain, storable(settlement.givenUp)] as const]
        : [],
    ),
  );
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

async function writePages(tx: Tx, batch: readonly SettleItem[]): Promise<SettledRow[]> {
  const { rows } = await sql<SettledRow>`
    update pages p set
      state = r.state, outcome = r.outcome, cache = r.cache, reason = r.reason,
      visit = case when r.proving then 'prove' else p.visit end,
      due_at = case when r.due_in_ms is not null then now() + make_interval(secs => r.due_in_ms / 1000) end,
      lease_until = null,
      attempts = p.attempts + r.attempt, hand_backs = p.hand_backs + r.hand_back,
      status = coalesce(r.status, p.status), edge = coalesce(r.edge, p.edge),
      -- A proof's time stands beside the first visit's, not in its place.
      ttfb_ms = case when p.visit = 'prove' then p.ttfb_ms else coalesce(r.ttfb_ms, p.ttfb_ms) end,
      proved_ttfb_ms = case when p.visit = 'prove' then r.ttfb_ms end,
      bytes = coalesce(r.bytes, p.bytes),
      redirects = case when p.visit = 'prove' or r.redirects is null then p.redirects
        else array(select json_array_elements_text(r.redirects)) end,
      finished_at = case when r.state <> 'pending' then now() end
    from json_to_recordset(${JSON.stringify(batch.map(toRow))}::json) as r(
      page bigint, lease integer, state page_state, outcome outcome, cache cache_result, reason text,
      proving boolean, due_in_ms float8, attempt integer, hand_back integer, status integer, edge text,
      ttfb_ms integer, bytes bigint, redirects json)
    where p.id = r.page and p.lease = r.lease and p.state = 'released'
    returning p.id, p.lease, p.job_id, p.state, p.outcome, p.cache`.execute(tx);
  return rows;
}

function toRow({ page, lease, settlement }: SettleItem) {
  const common = { page, lease, proving: false, attempt: 0, hand_back: 0 };
  switch (settlement.type) {
    case "done": {
      const { outcome, cache, reason, seen } = settlement;
      return {
        ...common,
        state: endStateOf(outcome),
        outcome,
        // A cache result is said of pages that are fine; how a cache treats an error page helps nobody.
        cache: outcome === "ok" ? cache : null,
        reason: reason === null ? null : storable(reason),
        attempt: 1,
        ...seenColumns(seen),
      };
    }
    case "prove":
      return {
        ...common,
        state: "pending",
        proving: true,
        attempt: 1,
        due_in_ms: settlement.delayMs,
        ...seenColumns(settlement.seen),
      };
    case "retry":
      return {
        ...common,
        state: "pending",
        reason: storable(settlement.reason),
        attempt: 1,
        due_in_ms: settlement.delayMs,
      };
    case "hand-back":
      return {
        ...common,
        state: "pending",
        reason: storable(settlement.reason),
        // Counted is that the site turned this very page away, not that its domain was closed, nor faults of ours.
        hand_back: settlement.refused === undefined ? 0 : 1,
        due_in_ms: settlement.closed === null || settlement.refused !== undefined ? settlement.delayMs : null,
      };
  }
}

function seenColumns(seen: Extract<Settlement, { type: "done" }>["seen"]) {
  return {
    status: seen.status,
    edge: seen.edge === null ? null : storable(seen.edge),
    ttfb_ms: seen.ttfbMs === null ? null : Math.round(seen.ttfbMs),
    bytes: seen.bytes,
    redirects: seen.redirects.length > 0 ? seen.redirects.map(wellFormed) : null,
  };
}
