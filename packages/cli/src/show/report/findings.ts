import { groupByCause } from "@bee/core";
import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import { type Cell, formatTable, GAP } from "../table.ts";
import { clean, pathIn, thousands, wrap } from "../text.ts";
import { INDENT, originOf, ROWS, restLines } from "./section.ts";

type Kind = keyof WireReport["causes"];
type Finding = WireReport["broken"][number];

/** A site has a few; many of them are one that quotes something that differs from page to page. */
const CAUSES = 7;

/**
 * Pages under their cause, which is told in full: how many it has, the first of them, and where they were found.
 * @param total how many pages the causes have together.
 */
export function findingLines(report: WireReport, kind: Kind, total: number, screen: Screen): string[] {
  const groups = groupByCause(report[kind], report.causes[kind]);
  const shown = groups.slice(0, CAUSES);
  // A common cause must not take the room of the others.
  const rows = Math.max(2, Math.floor(ROWS / shown.length));
  const numbers = shown.map(({ pages }) => thousands(pages));
  const widest = Math.max(0, ...numbers.map(({ length }) => length));
  const indent = INDENT + widest + GAP.length;
  const toRow = rowOf(originOf(report));
  const lines = shown.flatMap(({ cause, findings }, i) => [
    ...causeLines(cause, numbers[i]!.padStart(widest), screen),
    ...formatTable(findings.slice(0, rows).map(toRow), { ...screen, flexible: [0, 1], indent }),
  ]);
  const listed = shown.reduce((sum, { findings }) => sum + Math.min(findings.length, rows), 0);
  return [...lines, ...restLines(total - listed, screen)];
}

function causeLines(cause: string, number: string, { width }: Screen): string[] {
  const room = width - INDENT - number.length - GAP.length;
  return wrap(clean(cause), room).map(
    (line, row) => `${" ".repeat(INDENT)}${row === 0 ? number : " ".repeat(number.length)}${GAP}${line}`,
  );
}

function rowOf(origin: string): (finding: Finding) => Cell[] {
  return ({ url, foundOn }) => [
    pathIn(origin, url),
    { text: foundOn === null ? "" : `found on ${pathIn(origin, foundOn)}`, style: "dim" },
  ];
}
