import { type CacheResult, measured, type Outcome, thousands } from "@bee/core";
import type { FirstByteStep } from "../first-bytes.ts";
import type { Report } from "../report.ts";
import { measure, shares } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

const OUTCOME_NAMES: Readonly<Record<Outcome, string>> = {
  ok: "well",
  broken: "broken",
  blocked: "blocked",
  unreachable: "not reachable",
  disallowed: "disallowed",
  skipped: "skipped",
  cancelled: "cancelled",
};

const CACHE_NAMES: Readonly<Record<CacheResult, string>> = {
  warmed: "warmed",
  "already-warm": "already warm",
  uncacheable: "uncacheable",
  unproven: "unproven",
  none: "no cache seen",
};

export function graphs({ summary, firstBytes }: Report): Markup {
  const { outcomes, cache, statuses } = summary;
  return html`<div class="graphs">
${shares("How the pages ended", partsOf(OUTCOME_NAMES, outcomes))}
${shares("What the cache did, for pages that are well", partsOf(CACHE_NAMES, cache))}
${statusTable(statuses)}
${firstByteTable(firstBytes)}
</div>`;
}

function partsOf<K extends string>(names: Readonly<Record<K, string>>, pages: Readonly<Record<K, number>>) {
  return (Object.keys(names) as K[]).map((key) => ({ name: names[key], pages: pages[key], tone: key }));
}

/** The most common ones: a hostile server may have made up hundreds. */
const STATUSES = 8;

function statusTable(statuses: Readonly<Record<string, number>>): Markup | null {
  const rows = Object.entries(statuses).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return null;
  const most = rows[0]![1];
  const rest = rows.length - STATUSES;
  return html`<table class="bars statuses">
<caption>HTTP status of the last answer</caption>
<thead><tr><th scope="col"><span class="unseen">Status</span></th><th scope="col"><span class="unseen">Pages</span></th></tr></thead>
<tbody>${rows.slice(0, STATUSES).map(
    ([status, pages]) => html`
<tr><th scope="row">${status}</th><td>${measure(pages, most, toneOf(Number(status)))} ${thousands(pages)}</td></tr>`,
  )}
</tbody>${rest > 0 ? html`<tfoot><tr><td colspan="2">and ${thousands(rest)} more statuses</td></tr></tfoot>` : null}
</table>`;
}

function toneOf(status: number): string {
  if (status >= 400) return "broken";
  return status >= 300 && status !== 304 ? "redirect" : "ok";
}

function firstByteTable(steps: readonly FirstByteStep[]): Markup | null {
  const most = Math.max(...steps.flatMap(({ before, after }) => [before, after]));
  if (most === 0) return null;
  const used = steps.filter(({ before, after }) => before + after > 0);
  const [from, to] = [steps.indexOf(used[0]!), steps.indexOf(used.at(-1)!)];
  return html`<table class="bars">
<caption>Time to the first byte of the pages proved warm</caption>
<thead><tr><th scope="col"><span class="unseen">Within</span></th><th scope="col">before</th><th scope="col">after warming</th></tr></thead>
<tbody>${steps.slice(from, to + 1).map(
    ({ upToMs, before, after }) => html`
<tr><th scope="row">${upToMs === null ? `over ${measured(steps.at(-2)!.upToMs!)}` : `to ${measured(upToMs)}`}</th><td>${measure(before, most, "cold")} ${thousands(before)}</td><td>${measure(after, most, "warmed")} ${thousands(after)}</td></tr>`,
  )}
</tbody>
</table>`;
}
