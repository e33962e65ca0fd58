import { type Paint, paintFor } from "./paint.ts";

/** Where a text goes: how wide it may be, and whether it may be coloured. */
export interface Screen {
  readonly width: number;
  readonly paint: Paint;
}

/** Lines longer than this are hard to read, however wide the screen is. */
const WIDEST = 100;

/** A file has no width; it gets the widest. */
export function screenOf(stream: NodeJS.WriteStream): Screen {
  return { width: Math.min(stream.columns ?? WIDEST, WIDEST), paint: paintFor(stream) };
}
