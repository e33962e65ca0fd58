import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const MOST_BYTES = 250_000;
const ROOT = join(import.meta.dirname, "..");
const VITE = join(dirname(createRequire(import.meta.url).resolve("vite/package.json")), "bin/vite.js");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "bee-console-build-"));
  const build = spawnSync(process.execPath, [VITE, "build", "--outDir", folder, "--logLevel", "warn"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  if (build.status !== 0) throw new Error(`${build.stdout}${build.stderr}`);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("the whole console is less than 250 kB, packed", () => {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.includes("."),
  );
  expect(files.length).toBeGreaterThanOrEqual(3);
  const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
  expect(bytes).toBeLessThan(MOST_BYTES);
});

test("it has no script in its page, and asks nobody but its own server for anything", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  expect(html.match(/<script\b[^>]*>/g)).toEqual([expect.stringMatching(/ src="\/assets\//)]);
  expect(html).not.toMatch(/<style|\son\w+=|https?:\/\//);
  for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) expect(path).toMatch(/^\/assets\//);
  const styles = readdirSync(join(folder, "assets")).filter((name) => name.endsWith(".css"));
  for (const name of styles)
    expect(readFileSync(join(folder, "assets", name), "utf8")).not.toMatch(/@import|url\(["']?https?:/);
});
