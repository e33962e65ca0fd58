import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** A build of the image on a busy machine; everything else is a matter of seconds. */
const PATIENCE_MS = 900_000;

/** Runs a program to its end. @returns what it wrote on stdout. @throws with what it wrote on stderr when it fails. */
export async function run(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...variables },
    timeout: PATIENCE_MS,
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  if (code === 0) return stdout;
  const tail = `${stdout}${stderr}`.trim().split("\n").slice(-15).join("\n");
  throw new Error(`expected \`${program} ${args.join(" ")}\` to end well, got exit code ${code}:\n${tail}`);
}

/** Whether a program is there and does as it is told. */
export async function works(program: string, args: readonly string[]): Promise<boolean> {
  return run(program, args).then(
    () => true,
    () => false,
  );
}
