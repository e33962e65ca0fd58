/**
 * Which URLs a job takes, by its `include` and `exclude` patterns. A pattern is matched against path and query, or
 * against the whole URL where it names a scheme; `*` stands for any text, and a pattern matches from the start on.
 * Without `include` everything is included; `exclude` has the last word.
 */
export function urlFilter(include: readonly string[], exclude: readonly string[]): (url: string) => boolean {
  return (url) => {
    const { pathname, search } = new URL(url);
    const path = pathname + search;
    const matches = (pattern: string) => startsLike(NAMES_SCHEME.test(pattern) ? url : path, pattern);
    return (include.length === 0 || include.some(matches)) && !exclude.some(matches);
  };
}

/** Whether a pattern can match any URL at all: paths begin with a slash. */
export function canMatch(pattern: string): boolean {
  return /^[/*]/.test(pattern) || NAMES_SCHEME.test(pattern);
}

const NAMES_SCHEME = /^https?:/;

/** Piece by piece, each at its first place: linear, where a regular expression of many stars is not. */
function startsLike(text: string, pattern: string): boolean {
  const [first = "", ...pieces] = pattern.split("*");
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return true;
}
