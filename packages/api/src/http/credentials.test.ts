import { expect, test } from "@jest/globals";
import { readCredentials } from "./credentials.ts";

const basic = (pair: string) => `Basic ${Buffer.from(pair).toString("base64")}`;

test.each([
  ["Bearer", "Bearer bee_secret", "bee_secret"],
  ["a scheme in lower case", "bearer bee_secret", "bee_secret"],
  ["several spaces", "Bearer   bee_secret ", "bee_secret"],
  ["Basic with any user name", basic("anybody:bee_secret"), "bee_secret"],
  ["Basic without a user name", basic(":bee_secret"), "bee_secret"],
  ["a password with colons", basic("a:b:c"), "b:c"],
])("%s shows a key", (_name, header, secret) => {
  expect(readCredentials(header, ["Bearer", "Basic"])).toMatchObject({ type: "secret", secret });
});

test.each([
  ["missing", undefined, "got none"],
  ["empty", "", "got another form"],
  ["a bare key", "bee_secret", "got another form"],
  ["a scheme without a key", "Bearer", "got another form"],
  ["two keys", "Bearer one two", "got another form"],
  ["another scheme", "Digest abc", "got another form"],
  ["Basic without a colon", basic("bee_secret"), "got another form"],
  ["Basic without a password", basic("anybody:"), "got another form"],
])("a header that is %s shows none, and the detail says so", (_name, header, got) => {
  const credentials = readCredentials(header, ["Bearer", "Basic"]);
  expect(credentials).toEqual({ type: "none", problem: expect.stringContaining(got) });
});

test("Basic is no way to show a key where only Bearer is accepted", () => {
  expect(readCredentials(basic("a:bee_secret"), ["Bearer"])).toMatchObject({ type: "none" });
});

test("no detail repeats what was in the header", () => {
  expect(JSON.stringify(readCredentials("bee_secret", ["Bearer"]))).not.toContain("bee_secret");
});
