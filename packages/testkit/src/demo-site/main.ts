/** Runs the demo site as a process. Prints one line of JSON when it listens; stops on SIGTERM and SIGINT. */
import { StopStack } from "@bee/core";
import { asksForHelp, DEMO_SITE_HELP, type MainOptions, parseMainArgs } from "./args.ts";
import { startControl } from "./control.ts";
import { startDemoSite } from "./demo-site.ts";

const stack = new StopStack();
const stop = () => void stack.stop().catch(fail);

async function run({ withParent, ...options }: MainOptions): Promise<void> {
  const site = stack.add("demo site", await startDemoSite(options), (part) => part.stop());
  const control = stack.add("control", await startControl(site), (part) => part.stop());
  process.once("SIGTERM", stop).once("SIGINT", stop);
  if (withParent) leaveWithParent();
  const { url, port } = site;
  process.stdout.write(`${JSON.stringify({ url, controlUrl: control.url, port })}\n`);
}

/** A parent that dies, however it dies, closes our stdin: then nobody is left to stop us. */
function leaveWithParent(): void {
  process.stdin.once("close", stop).resume();
  stack.add("stdin", process.stdin, (stdin) => stdin.destroy());
}

function fail(error: unknown): void {
  process.stderr.write(`demo-site: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

try {
  const args = process.argv.slice(2);
  if (asksForHelp(args)) process.stdout.write(DEMO_SITE_HELP);
  else await run(parseMainArgs(args));
} catch (error) {
  fail(error);
  stop();
}
