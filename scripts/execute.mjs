import { spawn } from "node:child_process";

const END_WITH_PARENT = new URL("end-with-parent.mjs", import.meta.url).href;

/**
 * Runs Node in the place of this one, as far as Node can: same terminal, same signals, same end.
 *
 * SIGINT is special: a Ctrl-C reaches the whole group by itself, so that passing it on would make two of it. Away
 * from a terminal it was sent to us alone.
 */
export function execute(node, args, options) {
  const child = spawn(node, ["--import", END_WITH_PARENT, ...args], {
    ...options,
    // The channel says nothing; that it closes is how the child hears of our end.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
    process.on(signal, () => {
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  child.once("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
