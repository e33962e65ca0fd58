import { expect, test } from "@jest/globals";
import { CommandError } from "../exit-codes.ts";
import { parseStartArguments } from "./arguments.ts";

test.each([
  [[], { help: false, exit: false, site: undefined }],
  [["--exit"], { help: false, exit: true, site: undefined }],
  [["https://example.com", "--exit"], { help: false, exit: true, site: { url: "https://example.com" } }],
  [["example.com"], { help: false, exit: false, site: { domain: "example.com" } }],
  [["--help"], { help: true, exit: false, site: undefined }],
  [["-h"], { help: true, exit: false, site: undefined }],
])("%j", (args, expected) => {
  expect(parseStartArguments(args)).toEqual(expected);
});

test.each([
  [["--exot"], /^did not expect "--exot"; usage: npm start, or npm start -- \[--exit\] \[url\]$/],
  [["ftp://x"], /^<url>: expected http: or https:, got "ftp:"$/],
  [["a.test", "b.test"], /^did not expect "b.test"; usage: /],
])("%j is refused in one line", (args, message) => {
  expect(() => parseStartArguments(args)).toThrow(CommandError);
  expect(() => parseStartArguments(args)).toThrow(message);
});
