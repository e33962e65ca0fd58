/**
 * `npm start`: a fleet on this machine, and a first site warmed with it.
 *
 *     npm start                  the bundled demo site; the fleet stays up until Ctrl-C
 *     npm start -- <url>         that site instead
 *     npm start -- --exit        ends after the report: exit code 0 when all went well
 *     npm start -- --help        says this
 *
 * What it does stands in packages/cli/src/start/start.ts; only the way to the demo site is known here, because what
 * runs in production does not know the testkit.
 */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Before anything else is loaded, so that the second start finds it compiled.
enableCompileCache();
// npm runs us at the root of the checkout, where people then type what we tell them to.
process.env["BEE_COMMAND"] = "scripts/bee";
const { start } = await import("../packages/cli/src/index.ts");

const demoSite = fileURLToPath(new URL("../packages/testkit/src/demo-site/main.ts", import.meta.url));
await start(process.argv.slice(2), { demoSite });
