/**
 * Waits until a test run is over, however it ends, and clears up after it: ends its processes, then its servers, then
 * removes its directory. A run that is killed could do none of that itself.
 *
 *     node clear-up.ts <directory of the run> <pid of the run>       with the run at the other end of its stdin
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { identifyProcess, isRunning, type ProcessIdentity } from "@bee/embedded";

/** Redis and Postgres take their leave on SIGINT within milliseconds, unless a test has frozen them. */
const PATIENCE_MS = 3_000;
const POLL_MS = 25;

const [directory = "", run] = process.argv.slice(2);
await endOf(process.stdin);

// Processes first: they would start their servers anew.
for (const pid of processesOf(directory)) signal(identifyProcess(pid), "SIGKILL");
const servers = serversIn(directory);
for (const server of servers) signal(server, "SIGINT");
const deadline = performance.now() + PATIENCE_MS;
while (servers.some(isRunning) && performance.now() < deadline) await delay(POLL_MS);
for (const server of servers) signal(server, "SIGKILL");
await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

async function endOf(stream: NodeJS.ReadStream): Promise<void> {
  for await (const _ of stream);
}

/**
 * Jest's workers, and what their tests started: all have the run's directory in their environment. Where there is no
 * /proc to look it up in they end by themselves, when their stores are gone.
 */
function processesOf(directory: string): number[] {
  const isOfRun = (pid: string) =>
    readIfAny(`/proc/${pid}/environ`).split("\0").includes(`TMPDIR=${directory}`);
  const pids = existsSync("/proc") ? readdirSync("/proc").filter((name) => /^\d+$/.test(name)) : [];
  return pids
    .filter(isOfRun)
    .map(Number)
    .filter((pid) => pid !== process.pid && pid !== Number(run));
}

/** Servers run with an environment of their own, but they stand in the records of those who started them. */
function serversIn(directory: string): ProcessIdentity[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => basename(name) === "server.json")
    .map((name) => /^\{"server":(\{.*?\})/.exec(readIfAny(join(directory, name)))?.[1])
    .flatMap((server) => (server === undefined ? [] : [JSON.parse(server)]));
}

/** Empty for what is gone, or not ours to read. */
function readIfAny(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch {
    // gone in this moment
  }
}
