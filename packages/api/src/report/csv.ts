import type { Page } from "@bee/store";
import type { PageView } from "../jobs/page-view.ts";

/** The columns, in the order of the page's fields. */
const COLUMNS = [
  "url",
  "outcome",
  "cache",
  "status",
  "attempts",
  "reason",
  "edge",
  "ttfbMs",
  "provedTtfbMs",
  "bytes",
  "redirects",
  "foundOn",
  "finishedAt",
] as const satisfies readonly (keyof PageView)[];

/** All pages as CSV (RFC 4180), row by row as they are read. */
export async function* toCsv(pages: AsyncIterable<Page>): AsyncGenerator<string> {
  yield rowOf(COLUMNS);
  for await (const page of pages) yield rowOf(COLUMNS.map((column) => textOf(page[column])));
}

function textOf(value: PageView[keyof PageView]): string {
  if (value === null) return "";
  if (value instanceof Date) return value.toISOString();
  // A space cannot stand in a URL, so it separates hops without quoting.
  return typeof value === "object" ? value.join(" ") : String(value);
}

function rowOf(cells: readonly string[]): string {
  return `${cells.map(quote).join(",")}\r\n`;
}

/**
 * Spreadsheets run cells that begin with these characters as formulas, and a cell's text may come from the site that
 * was crawled: an apostrophe in front makes it text (OWASP, CSV injection).
 */
const FORMULA = /^[=+\-@\t\r]/;

function quote(cell: string): string {
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
