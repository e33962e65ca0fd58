import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

export type Variables = Readonly<Record<string, string>>;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts `bee` as users do, with these variables and none that happen to be set where the tests run. */
export function spawnBee(
  args: readonly string[],
  variables: Variables,
  options: SpawnOptions = {},
): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], { ...options, env: environment(variables) });
}

export function environment(variables: Variables): NodeJS.ProcessEnv {
  const ours = /^(?:BEE_|DATABASE_URL$|REDIS_URL$|FORCE_COLOR$)/;
  const rest = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(rest), ...variables };
}

/** Runs a command to its end. */
export async function bee(args: readonly string[], variables: Variables): Promise<Ended> {
  return ended(spawnBee(args, variables, { stdio: ["ignore", "pipe", "pipe"] }));
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout!),
    text(child.stderr!),
    once(child, "exit"),
  ]);
  return { code, stdout, stderr };
}
