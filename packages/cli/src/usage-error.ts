/**
 * A complaint of commander's as one line in our form, which says what was expected, what was got, what to do:
 *
 *     error: unknown command 'wram'\n(Did you mean warm?)      →  bee: unknown command 'wram'; did you mean warm?
 *     error: option '--limit <n>' argument '0' is invalid. …   →  bee: --limit: …
 *
 * @param help the command that prints the help of the command that was not understood.
 */
export function usageError(text: string, help: string): string {
  // What was got may hold line breaks itself, so it goes first.
  const [first = "", ...rest] = text
    .trim()
    .replace(/^error: /, "")
    .replace(/^option '(--[\w-]+)[^']*' argument '(.*)' is invalid\. (.*)$/s, rephrased)
    .replace(/^command-argument value '.*' is invalid for argument '([\w-]+)'\. /s, "<$1>: ")
    .split("\n");
  const hints = rest.map((line) => line.replace(/^\(Did you mean (.*)\)$/, "did you mean $1"));
  const complaint = first.replace(/\.$/, "");
  const isEnough = hints.length > 0 || complaint.includes("expected");
  return `bee: ${[complaint, ...(isEnough ? hints : [`see ${help}`])].join("; ")}\n`;
}

function rephrased(_all: string, option: string, argument: string, why: string): string {
  const choices = /^Allowed choices are (.*)\.$/.exec(why)?.[1];
  return `${option}: ${choices === undefined ? why : `expected one of ${choices}, got ${JSON.stringify(argument)}`}`;
}
