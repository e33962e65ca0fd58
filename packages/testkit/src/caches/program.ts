import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { close, listen } from "../web/listening.ts";

/** A cache that runs in front of an origin. */
export interface RunningCache {
  readonly port: number;
  stop(): Promise<void>;
}

/** Ready in less than a second, unless the machine has other work: Varnish compiles its rules. */
const START_PATIENCE_MS = 20_000;
const POLL_MS = 25;

/** Where distributions put servers, which is not on every user's PATH. */
const SERVER_DIRECTORIES = ["/usr/sbin", "/usr/local/sbin"];

/**
 * The path of a program that a test wants; null, said loudly, where this machine lacks it.
 * @throws Error in continuous integration, where a test that is left out would look like one that passed.
 */
export function findProgram(name: string): string | null {
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), ...SERVER_DIRECTORIES];
  const found = directories.map((directory) => join(directory, name)).find(isExecutable);
  if (found !== undefined) return found;
  const complaint = `expected the program ${name}, got none: install it (.ci/run shows how)`;
  if (process.env["CI"]) throw new Error(complaint);
  process.stderr.write(`TESTS LEFT OUT: ${complaint}\n`);
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await close(server);
  return port;
}

/**
 * Starts a server in the foreground and resolves when it takes connections. It has our environment, by which the run's
 * clear-up knows it for one of ours.
 */
export async function startProgram(
  command: string,
  args: readonly string[],
  port: number,
): Promise<() => Promise<void>> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
  };
  const deadline = performance.now() + START_PATIENCE_MS;
  while (!(await takesConnections(port))) {
    const gone = child.exitCode !== null || child.pid === undefined;
    if (gone || performance.now() > deadline) {
      await stop();
      throw new Error(`expected ${command} to answer on port ${port}, got:\n${said}`);
    }
    await delay(POLL_MS);
  }
  return stop;
}

function takesConnections(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  return promise.finally(() => socket.destroy());
}
