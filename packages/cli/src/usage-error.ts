/**
 * A complaint of commander's as one line in our form, which says what was expected, what was got, what to do:
 *
 *     error: unknown command 'wram'\n(Did you mean warm?)      →  bee: unknown command 'wram'; did you mean warm?
 *     error: option '--limit <n>' argument '0' is invalid. …   →  bee: --limit: …
 */
export function usageError(text: string): string {
  const [first = "", ...rest] = text.trim().split("\n");
  const hints = rest.map((line) => line.replace(/^\(Did you mean (.*)\)$/, "did you mean $1"));
  const complaint = first
    .replace(/^error: /, "")
    .replace(/\.$/, "")
    .replace(/^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/, rephrased);
  const isEnough = hints.length > 0 || complaint.includes("expected");
  return `bee: ${[complaint, ...(isEnough ? hints : ["see bee --help"])].join("; ")}\n`;
}

function rephrased(_all: string, option: string, argument: string, why: string): string {
  const choices = /^Allowed choices are (.*)$/.exec(why)?.[1];
  return `${option}: ${choices === undefined ? why : `expected one of ${choices}, got "${argument}"`}`;
}
