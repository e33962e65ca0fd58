import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { adminKeyFile, ensureAdminKey, readAdminKey } from "./admin-key.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bee-key-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = () => {
  throw new Error("no key was to be made");
};

test("is made once, kept, and closed to others", () => {
  expect(readAdminKey(folder)).toBeUndefined();
  expect(ensureAdminKey(undefined, folder, () => "first")).toBe("first");
  expect(ensureAdminKey(undefined, folder, never)).toBe("first");
  expect(readAdminKey(folder)).toBe("first");
  expect(statSync(adminKeyFile(folder)).mode & 0o777).toBe(0o600);
});

test("one that is set goes first and is not written down", () => {
  expect(ensureAdminKey("set from outside", folder, never)).toBe("set from outside");
  expect(readAdminKey(folder)).toBeUndefined();
});

test("a process that was slower takes the key of the faster one", () => {
  const slower = () => {
    writeFileSync(adminKeyFile(folder), "faster\n");
    return "slower";
  };
  expect(ensureAdminKey(undefined, folder, slower)).toBe("faster");
  expect(readFileSync(adminKeyFile(folder), "utf8")).toBe("faster\n");
});
