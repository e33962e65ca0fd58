/**
 * Which package may know which. The picture is in docs/development.md; here it is enforced, from the manifests and from
 * the imports themselves. (Cycles between files are Biome's to find.)
 *
 *     node scripts/check-packages.mjs [folder of a checkout]
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { ROOT } from "./setup/project.mjs";

const PARTS = ["store", "queue", "crawl"];
const PROCESSES = ["worker", "api", "scaler"];

/** Each kind of package: which packages are of it, and which their code may import. */
const KINDS = {
  core: { packages: ["core"], mayImport: [] },
  part: { packages: PARTS, mayImport: ["core"] },
  process: { packages: PROCESSES, mayImport: ["core", ...PARTS] },
  command: { packages: ["cli"], mayImport: ["core", ...PARTS, ...PROCESSES, "embedded"] },
  embedded: { packages: ["embedded"], mayImport: ["core"] },
  console: { packages: ["console"], mayImport: [] },
  testkit: { packages: ["testkit"], mayImport: ["core", "embedded"] },
  bench: { packages: ["bench"], mayImport: ["core", ...PARTS, ...PROCESSES, "cli", "embedded", "testkit"] },
};

/** What tests may import on top, and which files are tests or there only for them. */
const FOR_TESTS = ["testkit", "embedded"];
const TEST_FILE = /\.test\.ts$|\/testing\//;

const root = resolve(process.argv[2] ?? ROOT);
const shared = Object.keys(manifestOf(root).devDependencies ?? {});
const breaches = readdirSync(join(root, "packages")).sort().flatMap(breachesOf);
for (const breach of breaches) process.stderr.write(`${breach}\n`);
process.exitCode = breaches.length > 0 ? 1 : 0;

function breachesOf(name) {
  const folder = join(root, "packages", name);
  const [kind, rule] = Object.entries(KINDS).find(([, { packages }]) => packages.includes(name)) ?? [];
  if (rule === undefined)
    return [`packages/${name}: is of no kind; add it to KINDS in scripts/check-packages.mjs`];
  const { dependencies = {}, devDependencies = {} } = manifestOf(folder);
  const source = { kind, own: rule.mayImport, npm: Object.keys(dependencies) };
  const tests = {
    kind: `${kind} (its tests)`,
    own: [...new Set([...rule.mayImport, ...FOR_TESTS])],
    npm: [...source.npm, ...Object.keys(devDependencies), ...shared],
  };
  const manifest = join(folder, "package.json");
  const listed = [
    ...source.npm.map((id) => breachOfDirection(manifest, id, source)),
    ...Object.keys(devDependencies).map((id) => breachOfDirection(manifest, id, tests)),
  ];
  const imported = filesBelow(join(folder, "src")).flatMap((file) => {
    const allowed = TEST_FILE.test(file) ? tests : source;
    return importsOf(readFileSync(file, "utf8")).map((id) => breachOfImport(folder, file, id, allowed));
  });
  return [...listed, ...imported].filter((breach) => breach !== undefined);
}

function breachOfImport(folder, file, id, allowed) {
  if (isBuiltin(id)) return undefined;
  if (/^[./]/.test(id)) return breachOfPath(folder, file, id);
  const missing = allowed.npm.includes(packageOf(id)) ? undefined : "the package.json does not list it";
  return breachOfDirection(file, id, allowed) ?? (missing && breach(file, id, missing));
}

function breachOfPath(folder, file, id) {
  const path = resolve(dirname(file), id);
  if (relative(folder, path).startsWith("..")) return breach(file, id, "a path may not leave its package");
  if (TEST_FILE.test(path) && !TEST_FILE.test(file))
    return breach(file, id, "only tests may import what is for tests");
  return undefined;
}

function breachOfDirection(file, id, { kind, own }) {
  if (!id.startsWith("@bee/") || own.includes(packageOf(id).slice("@bee/".length))) return undefined;
  return breach(file, id, `packages of kind ${kind} may import only ${own.join(", ") || "none of ours"}`);
}

function breach(file, id, rule) {
  return `${relative(root, file)}: imports ${id}; ${rule}`;
}

/** What a source file imports, types included. It relies on the formatter: statements begin their line. */
function importsOf(source) {
  const code = source.replace(/^\s*(\/\/|\/?\*).*$/gm, "");
  const statements = /^(?:import|export)\b[^"'`;]*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/gm;
  const calls = /\bimport\(\s*["']([^"']+)["']/g;
  return [...code.matchAll(statements), ...code.matchAll(calls)].map((match) => match[1] ?? match[2]);
}

/** `@bee/core` of `@bee/core/rates`, `pg` of `pg/lib/client`. */
function packageOf(id) {
  return id.split("/", id.startsWith("@") ? 2 : 1).join("/");
}

function filesBelow(folder) {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true }).filter((name) => /\.[cm]?[jt]sx?$/.test(name));
  return names.sort().map((name) => join(folder, name));
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
