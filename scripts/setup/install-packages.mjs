import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, SetupError, say } from "./project.mjs";

/** Written when an install is complete, with what it was made from; it goes when node_modules goes. */
const STAMP = join(ROOT, "node_modules", ".installed-from");

/** Whether the packages are there as the lockfile wants them, for this Node. */
export function arePackagesInstalled(nodeVersion) {
  return existsSync(STAMP) && readFileSync(STAMP, "utf8") === inputs(nodeVersion);
}

/** pnpm itself repairs what an interruption left half done. */
export function installPackages({ pnpm, env, nodeVersion }) {
  if (arePackagesInstalled(nodeVersion)) return;
  say("Installing the packages …");
  const done = spawnSync(pnpm, ["install", "--frozen-lockfile"], {
    cwd: ROOT,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (done.status !== 0) {
    const said = `${done.stdout ?? ""}${done.stderr ?? ""}${done.error?.message ?? ""}`.trim();
    throw new SetupError(
      `pnpm could not install the packages (it ended with ${done.status ?? done.signal}):\n${said}`,
    );
  }
  writeFileSync(STAMP, inputs(nodeVersion));
}

/** A hash of all that decides what an install brings. */
function inputs(nodeVersion) {
  const packages = readdirSync(join(ROOT, "packages")).map((name) => join("packages", name, "package.json"));
  const files = ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...packages.sort()];
  const hash = createHash("sha256").update(`${nodeVersion} ${process.platform} ${process.arch}\n`);
  for (const file of files.filter((file) => existsSync(join(ROOT, file))))
    hash.update(`${file}\n`).update(readFileSync(join(ROOT, file)));
  return hash.digest("hex");
}
