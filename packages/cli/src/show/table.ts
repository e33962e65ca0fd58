import type { Paint, Style } from "./paint.ts";
import { clean, shorten } from "./text.ts";

/** A cell: its text, and perhaps a look. */
export type Cell = string | { readonly text: string; readonly style: Style };

export interface TableOptions {
  readonly paint: Paint;
  /** Columns of the screen that the table may take. */
  readonly width: number;
  /** Columns, by number, whose cells stand at the right: numbers. */
  readonly right?: readonly number[];
  /** The columns that are cut where a row would be too long, the widest first. */
  readonly flexible: readonly number[];
  readonly indent?: number;
}

/** Between two columns. */
export const GAP = "  ";

/** Rows as aligned lines without trailing blanks. */
export function formatTable(rows: readonly (readonly Cell[])[], options: TableOptions): string[] {
  const { paint, right = [], flexible, indent = 0 } = options;
  const texts = rows.map((row) => row.map((cell) => clean(textOf(cell))));
  const widths = columnWidths(texts, options);
  return texts.map((cells, row) => {
    const line = cells.map((text, column) => {
      const width = widths[column]!;
      const fitted = flexible.includes(column) ? shorten(text, width) : text;
      const isLast = column === cells.length - 1;
      const padded = right.includes(column) ? fitted.padStart(width) : isLast ? fitted : fitted.padEnd(width);
      const cell = rows[row]![column]!;
      return typeof cell === "string" ? padded : paint(cell.style, padded);
    });
    return (" ".repeat(indent) + line.join(GAP)).trimEnd();
  });
}

function columnWidths(texts: readonly (readonly string[])[], options: TableOptions): number[] {
  const { width, flexible, indent = 0 } = options;
  const columns = Math.max(0, ...texts.map((cells) => cells.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(0, ...texts.map((cells) => cells[column]?.length ?? 0)),
  );
  const gaps = indent + GAP.length * (columns - 1);
  for (let total = gaps + sum(widths); total > width; total--) {
    const [widest] = flexible.toSorted((a, b) => widths[b]! - widths[a]!);
    if (widest === undefined || widths[widest]! <= MIN_FLEXIBLE) break;
    widths[widest]! -= 1;
  }
  return widths;
}

/** A column that is cut further says nothing any more. */
const MIN_FLEXIBLE = 8;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

export function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}
