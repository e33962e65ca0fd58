import type { WireReport } from "../../client/wire.ts";
import type { Screen } from "../screen.ts";
import { type Cell, formatTable } from "../table.ts";
import { clean, pathIn, wrap } from "../text.ts";
import { INDENT, originOf, ROWS, restLines } from "./section.ts";

type Finding = WireReport["broken"][number];

/**
 * Pages under the reason they share, which is told in full: its end names the cause, and a column beside the URLs would
 * have no room for it.
 * @param total of how many pages the list holds the first.
 */
export function findingLines(
  report: WireReport,
  list: readonly Finding[],
  total: number,
  screen: Screen,
): string[] {
  const groups = Map.groupBy(list.slice(0, ROWS), newsOf);
  const toRow = rowOf(originOf(report));
  const lines = [...groups].flatMap(([news, findings]) => {
    const indent = news === "" ? INDENT : 2 * INDENT;
    return [
      ...newsLines(news, screen),
      ...formatTable(findings.map(toRow), { ...screen, flexible: [1, 2], indent }),
    ];
  });
  return [...lines, ...restLines(total, screen)];
}

/** That a 404 "answered 404" is no more than the status beside it. */
function newsOf({ status, reason }: Finding): string {
  return reason === null || reason === `answered ${status}` ? "" : reason;
}

function newsLines(news: string, { paint, width }: Screen): string[] {
  if (news === "") return [];
  return wrap(clean(news), width - INDENT).map((line) => `${" ".repeat(INDENT)}${paint("dim", line)}`);
}

function rowOf(origin: string): (finding: Finding) => Cell[] {
  return ({ url, status, foundOn }) => [
    String(status ?? "—"),
    pathIn(origin, url),
    { text: foundOn === null ? "" : `found on ${pathIn(origin, foundOn)}`, style: "dim" },
  ];
}
