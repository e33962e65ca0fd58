import { expect, test } from "@jest/globals";
import { CommandError } from "../exit-codes.ts";
import { parseStartArguments } from "./arguments.ts";

test.each([
  [[], { exit: false, site: undefined }],
  [["--exit"], { exit: true, site: undefined }],
  [["https://example.com", "--exit"], { exit: true, site: "https://example.com" }],
])("%j", (args, expected) => {
  expect(parseStartArguments(args)).toEqual(expected);
});

test.each([
  [["--exot"], /^did not expect "--exot"; usage: npm start, or npm start -- \[--exit\] \[url\]$/],
  [["a.test", "b.test"], /^did not expect "b.test"; usage: /],
])("%j is refused in one line", (args, message) => {
  expect(() => parseStartArguments(args)).toThrow(CommandError);
  expect(() => parseStartArguments(args)).toThrow(message);
});
