import { type Paint, paintFor } from "./paint.ts";

/** Where a text goes: how wide it may be, and whether it may be coloured. */
export interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

/** Lines longer than this are hard to read, however wide the screen is. */
const WIDEST = 100;

/** A file or a pipe has no width, and nothing is cut in it: whoever reads it may search it for what was cut off. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  const width = stream.isTTY ? Math.min(stream.columns, WIDEST) : Number.POSITIVE_INFINITY;
  return { width, paint: paintFor(stream) };
}
