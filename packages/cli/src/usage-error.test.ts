import { expect, test } from "@jest/globals";
import { usageError } from "./usage-error.ts";

test.each([
  [
    "error: unknown command 'wram'\n(Did you mean warm?)\n",
    "bee: unknown command 'wram'; did you mean warm?\n",
  ],
  [
    "error: unknown command 'wa'\n(Did you mean one of warm, jobs?)\n",
    "bee: unknown command 'wa'; did you mean one of warm, jobs?\n",
  ],
  ["error: missing required argument 'url'\n", "bee: missing required argument 'url'; see bee warm --help\n"],
  [
    "error: option '--limit <n>' argument '0' is invalid. expected a whole number, got \"0\"\n",
    'bee: --limit: expected a whole number, got "0"\n',
  ],
  [
    "error: option '--plan <plan>' argument 'x' is invalid. Allowed choices are standard, premium.\n",
    'bee: --plan: expected one of standard, premium, got "x"\n',
  ],
  [
    "error: command-argument value 'a\nb' is invalid for argument 'url'. expected a host name, got \"a\\nb\"\n",
    'bee: <url>: expected a host name, got "a\\nb"\n',
  ],
])("%j as one line", (text, line) => {
  expect(usageError(text, "bee warm --help")).toBe(line);
});
