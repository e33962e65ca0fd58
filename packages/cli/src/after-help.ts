import { BEE } from "./command-name.ts";

/** With a name such as `scripts/bee`, each stays within the 80 columns of a terminal. */
const EXAMPLES = [
  ["up", "a fleet here, until Ctrl-C"],
  ["warm https://example.com", "watch, read the report"],
  ["warm example.com --fail-on broken", "exit 1 if one is broken"],
  ["report <id> --format csv > pages.csv", "every page of a job"],
] as const;

const WIDTH = Math.max(...EXAMPLES.map(([command]) => command.length));

/** What follows the list of commands in `bee --help`. */
export const AFTER_HELP = `
Examples:
${EXAMPLES.map(([command, what]) => `  ${BEE} ${command.padEnd(WIDTH)}  ${what}`).join("\n")}

Exit codes: 0 fine, 1 findings or a failed process, 2 not understood or no
fleet.

Commands find the fleet by --api, else BEE_HOST and BEE_PORT, else the fleet
that runs in BEE_DATA_DIR (.bee), else http://127.0.0.1:3000; they show --key,
else BEE_KEY, else BEE_ADMIN_KEY, else the key in BEE_DATA_DIR.
`;
