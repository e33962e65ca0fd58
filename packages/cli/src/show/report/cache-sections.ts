import { WORTH_TELLING_MS } from "@bee/core";
import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import { type Cell, formatTable, GAP } from "../table.ts";
import { clean, measured, pathIn, thousands, wrap } from "../text.ts";
import { findingLines } from "./findings.ts";
import { INDENT, originOf, type Section } from "./section.ts";

type Group = WireReport["uncacheable"][number];

/** A site has a few; many of them are one that quotes a date. */
const CAUSES = 7;

/** By cause: one header to correct, not a thousand pages. */
export function uncacheable(report: WireReport, screen: Screen): Section {
  const origin = originOf(report);
  const { uncacheable: groups, summary } = report;
  const examples = ({ examples: urls }: Group) => urls.map((url) => pathIn(origin, url)).join("  ");
  const numbers = groups.map(({ pages }) => thousands(pages));
  const room = screen.width - INDENT - Math.max(0, ...numbers.map(({ length }) => length)) - GAP.length;
  const lines = groups
    .slice(0, CAUSES)
    .flatMap((group, i): Cell[][] => [
      ...wrap(clean(group.reason), room).map((line, row) => [row === 0 ? numbers[i]! : "", line]),
      ["", { text: examples(group), style: "dim" }],
    ]);
  const options = { ...screen, right: [0], flexible: [1], indent: INDENT };
  return {
    title: "Uncacheable",
    style: "yellow",
    pages: summary.cache.uncacheable,
    ...(groups.length > CAUSES ? { remark: `the most common ${CAUSES} of ${groups.length} causes` } : {}),
    lines: formatTable(lines, options),
  };
}

export function caches(report: WireReport): Section[] {
  const { cache, offDomain } = report.summary;
  return [
    { title: "Warmed", style: "green", pages: cache.warmed, remark: gain(report) },
    { title: "Already warm", style: "green", pages: cache["already-warm"] },
    {
      title: "No cache",
      style: "dim",
      pages: cache.none - offDomain,
      remark: "nothing in the answers tells of a cache",
    },
  ];
}

export function unproven(report: WireReport, screen: Screen): Section {
  const pages = report.summary.cache.unproven;
  return {
    title: "Unproven",
    style: "yellow",
    pages,
    remark: "a cache miss that no second visit saw turn into a hit",
    lines: findingLines(report, "unproven", pages, screen),
  };
}

function gain({ warmed: { coldTtfbMs, warmTtfbMs, savedMs } }: WireReport): string {
  if (coldTtfbMs === null || warmTtfbMs === null) return "the second visit came from the cache";
  const change = `first byte after ${measured(warmTtfbMs)} instead of ${measured(coldTtfbMs)}`;
  return savedMs >= WORTH_TELLING_MS ? `${change}, ${measured(savedMs)} saved in all` : change;
}
