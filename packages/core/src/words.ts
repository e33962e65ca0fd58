import { formatDuration } from "./duration.ts";

/** C0, DEL, C1 and marks of direction: a server whose words we show must not steer the terminal or turn the line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text from outside, safe to show on one line. */
export function clean(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}

/** `1 page`, `2 pages`, `1,234 pages`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${thousands(n)} ${n === 1 ? one : many}`;
}

export function thousands(n: number): string {
  return n.toLocaleString("en-US");
}

/** `640 ms`, `2.5 s`, `1m 37s`: a measured time with the digits that matter. */
export function measured(ms: number): string {
  if (ms < 1) return "less than 1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  // What would be rounded to 60.0 s is a minute.
  return ms < 59_950 ? `${(ms / 1_000).toFixed(1)} s` : formatDuration(ms);
}

/** A gain below this is the noise of a network, not what a cache is for. */
export const WORTH_TELLING_MS = 10;

/** A URL as a reader of its site's report needs it: without the part that is the same on every line. */
export function pathIn(origin: string, url: string): string {
  return clean(url.startsWith(`${origin}/`) ? url.slice(origin.length) : url);
}
