import type { WireReport } from "../../client/wire.ts";
import type { Style } from "../paint.ts";
import type { Screen } from "../screen.ts";
import { type Cell, formatTable, type TableOptions } from "../table.ts";
import { count, cut, thousands } from "../text.ts";

/** Longer lists are for files: the CSV and JSON reports hold them. */
export const ROWS = 15;
export const INDENT = 2;

/** A part of the report: how many pages it is about, and its lines. */
export interface Section {
  readonly title: string;
  readonly style: Style;
  readonly pages: number;
  readonly remark?: string;
  readonly lines?: readonly string[];
}

/** `Title  number  remark`, and the lines below. */
export function sectionText(section: Section, { paint, width }: Screen): string {
  const { title, style, pages, remark = "", lines = [] } = section;
  const number = thousands(pages);
  const room = width - title.length - number.length - 4;
  const head = `${paint(style, title)}  ${paint("bold", number)}  ${paint("dim", cut(remark, room))}`;
  return [remark === "" ? head.trimEnd() : head, ...lines].join("\n");
}

/** The first rows of a list as an indented table, and how many there are besides. */
export function listLines<T>(
  list: readonly T[],
  total: number,
  toRow: (entry: T) => readonly Cell[],
  options: Omit<TableOptions, "indent">,
): string[] {
  const lines = formatTable(list.slice(0, ROWS).map(toRow), { ...options, indent: INDENT });
  return [...lines, ...restLines(total - ROWS, options)];
}

/** How many there are besides those that are listed. */
export function restLines(others: number, { paint }: Pick<Screen, "paint">): string[] {
  if (others <= 0) return [];
  const rest = `and ${count(others, "other")}; the JSON and CSV reports list them`;
  return [`${" ".repeat(INDENT)}${paint("dim", rest)}`];
}

export function originOf({ job }: WireReport): string {
  return new URL(job.url).origin;
}
