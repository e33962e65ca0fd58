import { type ChildProcess, spawn } from "node:child_process";
import type { Environment } from "@bee/core";
import { environmentWith } from "../environment.ts";
import { LIFELINE_FD } from "./lifeline.ts";
import { nodeArguments } from "./node-arguments.ts";

/**
 * Starts another process of the fleet, in a process group of its own: a Ctrl-C in the terminal reaches only the
 * supervisor, which stops things in order.
 * @param lifeline `"pipe"` for a new line that we hold, or the descriptor of the line that we hang on ourselves.
 * @param output where both its streams go: what such a process says on either is news for operators.
 */
export function spawnBee(
  command: string,
  lifeline: "pipe" | number,
  told: Environment = {},
  output: number = process.stderr.fd,
): ChildProcess {
  return spawn(process.execPath, nodeArguments(command), {
    detached: true,
    stdio: ["ignore", output, output, lifeline],
    // The pulse of a container is that of its first process.
    env: environmentWith({ ...told, BEE_LIFELINE: String(LIFELINE_FD), BEE_PULSE: "" }),
  });
}
