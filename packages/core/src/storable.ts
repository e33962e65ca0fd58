/** Longer explanations help nobody. */
const MAX_LENGTH = 500;

/** A text that servers had a hand in, as Postgres can store it: NUL and half a surrogate pair are refused there. */
export function storable(text: string): string {
  return text.slice(0, MAX_LENGTH).toWellFormed().replaceAll("\0", "");
}
