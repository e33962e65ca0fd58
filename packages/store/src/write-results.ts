import {
  type CacheResult,
  type EndState,
  endStateOf,
  type Outcome,
  type Settlement,
  storable,
  wellFormed,
} from "@bee/core";
import { sql } from "kysely";
import type { Tx } from "./database.ts";

/** The result of one visit, with the lease under which the visit was made. */
export interface SettleItem {
  readonly page: string;
  readonly lease: number;
  readonly domain: string;
  /** Of the rule under which it was made. */
  readonly ruleRevision: number;
  /** Whether the worker was not late itself, so that the times it measured are the origin's. */
  readonly inTime: boolean;
  readonly settlement: Settlement;
}

/** What a page has become. */
export interface SettledRow {
  id: string;
  lease: number;
  job_id: string;
  state: EndState | "pending";
  outcome: Outcome | null;
  cache: CacheResult | null;
}

/** Writes what became of pages. @returns those whose lease was still theirs; the others have another visit by now. */
export async function writeResults(tx: Tx, batch: readonly SettleItem[]): Promise<SettledRow[]> {
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
        status: settlement.status,
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
