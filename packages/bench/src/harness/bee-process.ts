import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { nodeArguments } from "@bee/cli/node-arguments";

/** Lets a fleet visit the simulated web on this machine, whose hosts are under these names. */
export const SIMULATED_WEB = {
  BEE_ALLOW_PRIVATE: "127.0.0.0/8",
  BEE_RESOLVE: "*.test=127.0.0.1,health.internal=127.0.0.1",
};

/** One process of a fleet, started as a container starts it. */
export interface BeeProcess {
  readonly pid: number;
  /** Resolves when it is gone, however it ended. */
  readonly exited: Promise<void>;
  kill(signal: NodeJS.Signals): void;
}

/** Starts `bee worker`, `bee api` or `bee scaler`; resolves when it says that it is ready. */
export async function startBee(
  command: "api" | "worker" | "scaler",
  variables: Readonly<Record<string, string>>,
): Promise<BeeProcess> {
  const child = spawn(process.execPath, nodeArguments(command), {
    env: { ...process.env, BEE_LOG_LEVEL: "info", ...variables },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit").then(() => undefined);
  await ready(child, command);
  return { pid: child.pid!, exited, kill: (signal) => void child.kill(signal) };
}

async function ready(child: ChildProcess, command: string): Promise<void> {
  const said: string[] = [];
  const lines = createInterface({ input: child.stderr as Readable });
  for await (const line of lines) {
    said.push(line);
    if (!line.includes('"message":"ready"')) continue;
    // Read on, so that a full pipe does not hold the process up.
    child.stderr!.resume();
    return;
  }
  throw new Error(`expected bee ${command} to get ready, got its end after:\n${said.join("\n")}`);
}
