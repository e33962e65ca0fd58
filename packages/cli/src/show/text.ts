/** C0, DEL and C1: a server whose headers we show must not steer the terminal of the reader. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A text from outside, safe to print on one line. */
export function clean(text: string): string {
  return text.replace(CONTROLS, "\ufffd");
}

/** At most so many characters; what is cut off shows as an ellipsis. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** A sentence in lines of at most that width; a word that is longer is cut. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(cut(word, width));
  }
  return lines;
}

/** `1 page`, `2 pages`, `1,234 pages`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${thousands(n)} ${n === 1 ? one : many}`;
}

export function thousands(n: number): string {
  return n.toLocaleString("en-US");
}

/** `640 ms`, `2.5 s`, `65 min`: a measured time with the digits that matter. */
export function measured(ms: number): string {
  if (ms < 1) return "less than 1 ms";
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** A URL as a reader of its site's report needs it: without the part that is the same on every line. */
export function pathIn(origin: string, url: string): string {
  return clean(url.startsWith(`${origin}/`) ? url.slice(origin.length) : url);
}
