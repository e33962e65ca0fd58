import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import type { Cell } from "../table.ts";
import { clean, measured, pathIn, wrap } from "../text.ts";
import { findingLines } from "./findings.ts";
import { listLines, originOf, type Section } from "./section.ts";

/** How the three ways to fail are told of: whose fault it may be is the first thing a reader asks. */
const FAILURES = [
  { outcome: "broken", title: "Broken", style: "red", remark: "the site answered with an error" },
  {
    outcome: "blocked",
    title: "Blocked",
    style: "yellow",
    remark: "something in front of the site turned us away; whether the pages are well is not known",
  },
  {
    outcome: "unreachable",
    title: "Not reachable",
    style: "red",
    remark: "could not be checked",
  },
] as const;

export function failures(report: WireReport, screen: Screen): Section[] {
  return FAILURES.map(({ outcome, ...told }) => {
    const pages = report.summary.outcomes[outcome];
    return { ...told, pages, lines: findingLines(report, outcome, pages, screen) };
  });
}

export function redirects(report: WireReport, screen: Screen): Section {
  const origin = originOf(report);
  const pages = report.summary.redirected;
  const toRow = ({ url, redirects: hops, offDomain }: WireReport["redirects"][number]) => {
    const way = hops.map((hop) => pathIn(origin, hop));
    if (offDomain) way.push(`leads to another domain: ${way.pop()}`);
    return [pathIn(origin, url), `→ ${way.join(" → ")}`];
  };
  const lines = listLines(report.redirects, pages, toRow, { ...screen, flexible: [0, 1] });
  return { title: "Redirects", style: "cyan", pages, lines };
}

export function slow(report: WireReport, screen: Screen): Section {
  const origin = originOf(report);
  const { slow: pages, slowAboveMs } = report.summary;
  const toRow = ({ url, ttfbMs, provedTtfbMs }: WireReport["slow"][number]): Cell[] => [
    measured(ttfbMs),
    pathIn(origin, url),
    { text: provedTtfbMs === null ? "" : `${measured(provedTtfbMs)} from the cache now`, style: "dim" },
  ];
  const lines = listLines(report.slow, pages, toRow, { ...screen, right: [0], flexible: [1, 2] });
  const remark = `the site's first byte came after more than ${measured(slowAboveMs)}`;
  return { title: "Slow", style: "yellow", pages, remark, lines };
}

export function disallowed(report: WireReport, screen: Screen): Section {
  const pages = report.summary.outcomes.disallowed;
  const lines = findingLines(report, "disallowed", pages, screen);
  const remark = "the site's robots.txt asks robots to stay away";
  return { title: "Disallowed", style: "dim", pages, remark, lines };
}

export function leftOut({ summary: { outcomes } }: WireReport): Section[] {
  return [
    { title: "Skipped", style: "dim", pages: outcomes.skipped, remark: "by a filter or the page limit" },
    { title: "Cancelled", style: "dim", pages: outcomes.cancelled },
  ];
}

export function warnings({ warnings: list }: WireReport, { width }: Screen): Section {
  const lines = list.flatMap((warning) => wrap(clean(warning), width - 2).map((line) => `  ${line}`));
  return { title: "Warnings", style: "yellow", pages: list.length, lines };
}
