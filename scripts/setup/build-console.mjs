import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, say } from "./project.mjs";

const CONSOLE = join(ROOT, "packages", "console");

/** Written when a build is complete, with what it was made from. */
const STAMP = join(CONSOLE, "dist", ".built-from");

/** Whether the console that the API serves is made from the sources as they are. */
export function isConsoleBuilt() {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === inputs();
}

/** A second or two, and only after a change. */
export function buildConsole({ node, env }) {
  if (isConsoleBuilt()) return;
  say("Building the console …");
  const vite = join(CONSOLE, "node_modules", "vite", "bin", "vite.js");
  const args = [vite, "build", "--logLevel", "warn"];
  const done = spawnSync(node, args, {
    cwd: CONSOLE,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  // The fleet does its work without it.
  if (done.status !== 0)
    say(`The console could not be built:\n${done.stdout ?? ""}${done.stderr ?? ""}`.trim());
  else writeFileSync(STAMP, inputs());
}

/** A hash of all that decides what a build brings. */
function inputs() {
  const sources = readdirSync(join(CONSOLE, "src"), { recursive: true }).map((name) => join("src", name));
  const files = ["index.html", "package.json", "vite.config.ts", ...sources.sort()].filter((file) =>
    statSync(join(CONSOLE, file)).isFile(),
  );
  const hash = createHash("sha256").update(readFileSync(join(ROOT, "pnpm-lock.yaml")));
  for (const file of files) hash.update(`${file}\n`).update(readFileSync(join(CONSOLE, file)));
  return hash.digest("hex");
}
