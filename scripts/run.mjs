/**
 * `node scripts/run.mjs <command> [arguments]`: sets the checkout up where needed, then runs the command.
 *
 * package.json calls it with `exec`: a shell between npm and us would keep npm's signals to itself.
 */
import { join } from "node:path";
import { execute } from "./execute.mjs";
import { ROOT, SetupError, say } from "./setup/project.mjs";
import { setUp } from "./toolchain.mjs";

/** What each command has Node run. The last two stay where the user is: paths in arguments are theirs. */
const COMMANDS = {
  start: { program: ["scripts/start.ts"], cwd: ROOT },
  test: {
    program: [
      "--experimental-vm-modules",
      "--disable-warning=ExperimentalWarning",
      "node_modules/jest/bin/jest.js",
    ],
    cwd: ROOT,
  },
  check: { program: ["scripts/check.mjs"], cwd: ROOT },
  chaos: { program: ["packages/bench/src/chaos/main.ts"], cwd: ROOT },
  politeness: { program: ["packages/bench/src/politeness/main.ts"], cwd: ROOT },
  scaling: { program: ["packages/bench/src/scaling/main.ts"], cwd: ROOT },
  bench: { program: ["packages/bench/src/main.ts"], cwd: ROOT },
  openapi: { program: ["packages/api/src/openapi/write.ts"], cwd: ROOT },
  "docker-trial": { program: ["scripts/docker-trial/main.ts"], cwd: ROOT },
  bee: { program: [join(ROOT, "packages/cli/src/main.ts")] },
  "demo-site": { program: [join(ROOT, "packages/testkit/src/demo-site/main.ts")] },
};

const [name, ...args] = process.argv.slice(2);

try {
  if (!Object.hasOwn(COMMANDS, name ?? ""))
    throw new SetupError(`Expected a command (${Object.keys(COMMANDS).join(", ")}), got ${name ?? "none"}.`);
  const { program, cwd } = COMMANDS[name];
  const { node, env } = setUp();
  execute(node, [...program, ...args], { cwd, env });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
