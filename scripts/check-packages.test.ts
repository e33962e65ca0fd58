import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";

const SCRIPT = join(import.meta.dirname, "check-packages.mjs");

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bee-check-packages-"));
  write("package.json", JSON.stringify({ devDependencies: { "@jest/globals": "1" } }));
  pack("core", {}, { "index.ts": "export const rate = 1;\n" });
});

afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Adds a package to the checkout: what it depends on, for tests only or not, and its sources. */
function pack(
  name: string,
  manifest: { uses?: string[]; dev?: string[] },
  files: Record<string, string>,
): void {
  const versions = (ids: string[] = []) => Object.fromEntries(ids.map((id) => [id, "1"]));
  const json = { dependencies: versions(manifest.uses), devDependencies: versions(manifest.dev) };
  write(`packages/${name}/package.json`, JSON.stringify(json));
  for (const [file, content] of Object.entries(files)) write(`packages/${name}/src/${file}`, content);
}

function check(): { breaches: string[]; status: number | null } {
  const { stderr, status } = spawnSync(process.execPath, [SCRIPT, root], { encoding: "utf8" });
  return { breaches: stderr.split("\n").filter(Boolean), status };
}

test("has nothing to say of packages that keep the directions", () => {
  pack(
    "store",
    { uses: ["@bee/core", "pg"], dev: ["@bee/testkit"] },
    {
      "index.ts": 'export * from "./rows/row.ts";\n',
      "rows/row.ts": `
import { readFile } from "node:fs/promises";
import { rate } from "@bee/core";
import type { Pool } from "pg";
/** Not an import("@bee/queue"), and neither is this:
 * import { lane } from "@bee/queue";
 */
// import { lane } from "@bee/queue";
export const text = 'import "@bee/queue"';
export const types = () => import("pg/lib/types");
`,
      "rows/row.test.ts": 'import { test } from "@jest/globals";\nimport { web } from "@bee/testkit";\n',
      "testing/rows.ts": 'import { web } from "@bee/testkit";\n',
    },
  );
  pack("testkit", { uses: ["@bee/core", "@bee/embedded"] }, {});
  pack(
    "cli",
    { uses: ["@bee/core", "@bee/worker", "@bee/embedded"] },
    { "main.ts": 'import "@bee/worker";\n' },
  );
  expect(check()).toEqual({ breaches: [], status: 0 });
});

test.each([
  ["a sibling", "store", "@bee/queue", "part may import only core"],
  ["a package above", "core", "@bee/store", "core may import only none of ours"],
  ["another process", "worker", "@bee/api", "process may import only core, store, queue, crawl"],
  ["testkit, in what is no test", "api", "@bee/testkit", "process may import only core, store, queue, crawl"],
  [
    "embedded, anywhere but in the command",
    "scaler",
    "@bee/embedded",
    "process may import only core, store, queue, crawl",
  ],
  ["anything of ours, in the console", "console", "@bee/core", "console may import only none of ours"],
])("refuses to import %s", (_what, name, id, rule) => {
  pack(name, { uses: [id] }, { "index.ts": `export {\n  x,\n} from "${id}";\n` });
  expect(check()).toEqual({
    breaches: [
      `packages/${name}/package.json: imports ${id}; packages of kind ${rule}`,
      `packages/${name}/src/index.ts: imports ${id}; packages of kind ${rule}`,
    ],
    status: 1,
  });
});

test.each([
  ["of values", 'import { x } from "got";'],
  ["of types", 'import type { x } from "got/types";'],
  ["for their effect", 'import "got";'],
  ["while running", 'export const x = () => import("got");'],
])("refuses imports %s that the manifest does not list", (_what, statement) => {
  pack("crawl", {}, { "index.ts": `${statement}\n` });
  expect(check().breaches).toEqual([
    expect.stringMatching(
      /^packages\/crawl\/src\/index\.ts: imports got\S*; the package\.json does not list it$/,
    ),
  ]);
});

test("lets no source rely on what is installed for tests", () => {
  pack(
    "crawl",
    { dev: ["pg"] },
    { "a.ts": 'import "pg";\nimport "@jest/globals";\n', "a.test.ts": 'import "pg";\n' },
  );
  expect(check().breaches).toEqual([
    "packages/crawl/src/a.ts: imports pg; the package.json does not list it",
    "packages/crawl/src/a.ts: imports @jest/globals; the package.json does not list it",
  ]);
});

test("lets no test import a sibling", () => {
  pack("crawl", { dev: ["@bee/queue"] }, { "a.test.ts": 'import "@bee/queue";\n' });
  const rule = "packages of kind part (its tests) may import only core, testkit, embedded";
  expect(check().breaches).toEqual([
    `packages/crawl/package.json: imports @bee/queue; ${rule}`,
    `packages/crawl/src/a.test.ts: imports @bee/queue; ${rule}`,
  ]);
});

test("refuses paths that lead out of the package, or from the source to the tests", () => {
  pack(
    "crawl",
    {},
    {
      "a.ts": 'export * from "../../core/src/index.ts";\nexport * from "./testing/servers.ts";\n',
      "testing/servers.ts": 'export * from "../a.ts";\n',
    },
  );
  expect(check().breaches).toEqual([
    "packages/crawl/src/a.ts: imports ../../core/src/index.ts; a path may not leave its package",
    "packages/crawl/src/a.ts: imports ./testing/servers.ts; only tests may import what is for tests",
  ]);
});

test("wants to know of every package what kind it is", () => {
  pack("shed", {}, {});
  expect(check()).toEqual({
    breaches: ["packages/shed: is of no kind; add it to KINDS in scripts/check-packages.mjs"],
    status: 1,
  });
});
