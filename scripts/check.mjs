/** Everything that is checked without running the project; ends at the first breach. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { say } from "./setup/project.mjs";

const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));
const script = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Biome colours its findings beyond reading where they go to a file. */
const colours = process.stdout.isTTY ? [] : ["--colors=off"];

const CHECKS = [
  { what: "format, lint and import cycles", program: bin("biome"), args: ["ci", ".", ...colours] },
  { what: "package directions", program: process.execPath, args: [script("check-packages.mjs")] },
  { what: "types", program: bin("turbo"), args: ["run", "types", "--output-logs=errors-only"] },
];

for (const { what, program, args } of CHECKS) {
  say(`Checking ${what} …`);
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" };
  const { status } = spawnSync(program, args, { stdio: "inherit", env });
  if (status !== 0) process.exit(status ?? 1);
}
