import { count, groupByCause, measured, thousands, WORTH_TELLING_MS } from "@bee/core";
import type { Report } from "../report.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { rest, tablesOf } from "./tables.ts";

interface Section {
  readonly title: string;
  readonly tone: string;
  readonly pages: number;
  readonly remark: string;
  readonly content?: Content;
  readonly isOpen?: boolean;
}

/** What was found, each kind in a section that folds; kinds without pages are left out. */
export function sections(report: Report): Markup[] {
  const all = [...failures(report), ...otherFindings(report), ...caches(report), ...leftOut(report)];
  return all.filter(({ pages }) => pages > 0).map(toMarkup);
}

function failures(report: Report): Section[] {
  const { broken, blocked, unreachable } = report.summary.outcomes;
  return [
    {
      ...{ title: "Broken", tone: "broken", pages: broken, remark: "the site answered with an error" },
      ...{ content: byCause(report, "broken"), isOpen: true },
    },
    {
      ...{ title: "Blocked", tone: "blocked", pages: blocked },
      remark: "something in front of the site turned us away; whether the pages are well is not known",
      ...{ content: byCause(report, "blocked"), isOpen: true },
    },
    {
      ...{ title: "Not reachable", tone: "unreachable", pages: unreachable },
      remark: "could not be checked",
      ...{ content: byCause(report, "unreachable"), isOpen: true },
    },
  ];
}

function otherFindings(report: Report): Section[] {
  const tables = tablesOf(report);
  const { redirected, slow, slowAboveMs, cache } = report.summary;
  return [
    {
      ...{ title: "Redirects", tone: "redirect", pages: redirected },
      remark: "link to where they lead, and visitors save the detour",
      content: [tables.redirects(report.redirects), rest(redirected - report.redirects.length)],
    },
    {
      ...{ title: "Slow", tone: "slow", pages: slow },
      remark: `the site’s first byte came after more than ${measured(slowAboveMs)}`,
      content: [tables.slow(report.slow), rest(slow - report.slow.length)],
    },
    {
      ...{ title: "Uncacheable", tone: "uncacheable", pages: cache.uncacheable },
      remark: "something in the answer keeps it out of shared caches",
      content: report.uncacheable.map(tables.examples),
    },
  ];
}

function caches(report: Report): Section[] {
  const { cache, offDomain } = report.summary;
  return [
    { title: "Warmed", tone: "warmed", pages: cache.warmed, remark: gain(report) },
    {
      ...{ title: "Already warm", tone: "already-warm", pages: cache["already-warm"] },
      remark: "the first visit came from the cache",
    },
    {
      ...{ title: "No cache", tone: "none", pages: cache.none - offDomain },
      remark: "nothing in the answers tells of a cache",
    },
  ];
}

function gain({ warmed: { coldTtfbMs, warmTtfbMs, savedMs } }: Report): string {
  if (coldTtfbMs === null || warmTtfbMs === null) return "the second visit came from the cache";
  const change = `first byte after ${measured(warmTtfbMs)} instead of ${measured(coldTtfbMs)}`;
  return savedMs >= WORTH_TELLING_MS ? `${change}, ${measured(savedMs)} saved in all` : change;
}

function leftOut(report: Report): Section[] {
  const { outcomes, cache } = report.summary;
  return [
    {
      ...{ title: "Disallowed", tone: "disallowed", pages: outcomes.disallowed },
      remark: "the site’s robots.txt asks robots to stay away",
      content: byCause(report, "disallowed"),
    },
    {
      ...{ title: "Unproven", tone: "unproven", pages: cache.unproven },
      remark: "a cache miss that no second visit saw turn into a hit",
      content: byCause(report, "unproven"),
    },
    {
      ...{ title: "Skipped", tone: "skipped", pages: outcomes.skipped },
      remark: "by a filter or the page limit",
    },
    {
      ...{ title: "Cancelled", tone: "cancelled", pages: outcomes.cancelled },
      remark: "the job ended before their turn",
    },
  ];
}

function byCause(report: Report, kind: keyof Report["causes"]): Content {
  const groups = groupByCause(report[kind], report.causes[kind]);
  return groups.map(tablesOf(report).group);
}

function toMarkup({ title, tone, pages, remark, content = null, isOpen = false }: Section): Markup {
  const heading = html`<h2><span class="swatch ${tone}"></span>${title} <b>${thousands(pages)}</b></h2>
<span class="quiet remark">${remark}</span>`;
  if (content === null) return html`<div class="section">${heading}</div>`;
  return html`<details class="section"${isOpen ? html` open` : null}>
<summary>${heading}</summary>
${content}
</details>`;
}

/** What the reader must know before everything else: why the job failed, and what was left out. */
export function warnings({ job, warnings: list }: Report): Markup | null {
  const failure = job.failure === null ? null : html`<p class="failure"><bdi>${job.failure}</bdi></p>`;
  if (list.length === 0) return failure;
  return html`${failure}<aside class="warnings" aria-labelledby="warnings">
<h2 id="warnings">${count(list.length, "warning")}</h2>
<ul>${list.map((warning) => html`<li><bdi>${warning}</bdi></li>`)}</ul>
</aside>`;
}
