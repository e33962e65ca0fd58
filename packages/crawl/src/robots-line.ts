/** A line of robots.txt that says something: its lower-case field without spelling errors, its value, its place. */
export interface RobotsLine {
  readonly field: "user-agent" | "allow" | "disallow" | "crawl-delay" | "sitemap" | "other";
  readonly value: string;
  readonly number: number;
  /** The line as it stands in the file, for reports. */
  readonly text: string;
}

/** Longer lines are cut, as Google's parser does: eight times the longest URL of old browsers. */
const MAX_LINE = 16_663;

/** Spellings that webmasters use and Google's parser takes. */
const FIELDS: ReadonlyMap<string, RobotsLine["field"]> = new Map([
  ["user-agent", "user-agent"],
  ["useragent", "user-agent"],
  ["user agent", "user-agent"],
  ["allow", "allow"],
  ["disallow", "disallow"],
  ["dissallow", "disallow"],
  ["dissalow", "disallow"],
  ["disalow", "disallow"],
  ["diasllow", "disallow"],
  ["disallaw", "disallow"],
  ["crawl-delay", "crawl-delay"],
  ["crawldelay", "crawl-delay"],
  ["sitemap", "sitemap"],
  ["site-map", "sitemap"],
]);

/**
 * Reads one line after the other, null for one that says nothing; lines may end in LF, CR or both. `trim` takes a byte
 * order mark for a space, and so do we.
 */
export function* robotsLines(text: string): Generator<RobotsLine | null> {
  const ends = /\r\n|\r|\n|$/g;
  let number = 0;
  for (let start = 0; start < text.length; ) {
    ends.lastIndex = start;
    const end = ends.exec(text)!;
    number += 1;
    yield lineOf(text.slice(start, Math.min(end.index, start + MAX_LINE)), number);
    start = end.index + end[0].length;
  }
}

function lineOf(raw: string, number: number): RobotsLine | null {
  const content = raw.split("#", 1)[0]!.trim();
  const pair = fieldAndValue(content);
  if (pair === null) return null;
  const field = FIELDS.get(pair.field.toLowerCase()) ?? "other";
  return { field, value: pair.value, number, text: content.slice(0, 200) };
}

/** `field: value`; a forgotten colon is forgiven where the line is exactly two words. */
function fieldAndValue(content: string): { field: string; value: string } | null {
  const colon = content.indexOf(":");
  if (colon > 0) return { field: content.slice(0, colon).trim(), value: content.slice(colon + 1).trim() };
  const [field, value, ...more] = content.split(/[ \t]+/, 3);
  return field !== undefined && value !== undefined && more.length === 0 ? { field, value } : null;
}
