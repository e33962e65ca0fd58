/** Longer explanations help nobody. */
const MAX_LENGTH = 500;

/** A text without what Postgres refuses: NUL, and half of a surrogate pair. */
export function wellFormed(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** A text that servers had a hand in, in a form and a length that Postgres can store. */
export function storable(text: string): string {
  return wellFormed(text.slice(0, MAX_LENGTH));
}
