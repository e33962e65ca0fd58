import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "@bee/core";
import type { Exit } from "./embedded-store.ts";
import type { Launch } from "./launch.ts";
import { identifyProcess, isRunning, type ProcessIdentity } from "./process-identity.ts";

/** A server that runs beside us: one we started, or one whose supervisor died. */
export interface ServerProcess {
  readonly identity: ProcessIdentity;
  readonly exited: Promise<Exit>;
}

const ORPHAN_POLL_MS = 25;

/** Nothing else of ours is a server's business: not our keys, and not a `PGPORT` that happens to be set. */
const ENVIRONMENT = { LC_ALL: "C", PATH: process.env["PATH"] };

/**
 * Starts a server in a process group of its own, so that a Ctrl-C in the terminal reaches us alone and we stop
 * things in order. Its output goes straight to a file: a pipe would break when we die before it.
 */
export function spawnServer(
  { command, args, env, ...account }: Launch,
  logFile: string,
): Promise<ServerProcess> {
  return new Promise((resolve, reject) => {
    const log = openSync(logFile, "a", 0o600);
    const child = spawn(command, args, {
      ...account,
      cwd: "/",
      env: { ...ENVIRONMENT, ...env },
      detached: true,
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    const exited = new Promise<Exit>((ended) => {
      child.once("exit", (code, signal) => ended({ code, signal }));
    });
    child.once("error", reject);
    const pid = child.pid;
    if (pid !== undefined) resolve({ identity: identifyProcess(pid), exited });
  });
}

/** A server that is not our child: the system tells us of its end only when asked. */
export function watchOrphan(identity: ProcessIdentity): ServerProcess {
  const gone = async (): Promise<Exit> => {
    while (isRunning(identity)) await delay(ORPHAN_POLL_MS);
    return { code: null, signal: null };
  };
  return { identity, exited: gone() };
}

/** Sends one signal after the other, each with its time to work, until the server is gone. */
export async function stopServer(
  { identity, exited }: ServerProcess,
  signals: readonly StopSignal[],
  log: Log,
): Promise<void> {
  for (const { signal, patienceMs } of signals) {
    send(signal, identity);
    if (await endsWithin(exited, patienceMs)) return;
    log.warn("A server did not stop in time", { pid: identity.pid, signal, patienceMs });
  }
  send("SIGKILL", { ...identity, pid: -identity.pid }); // the whole group: nobody is left to end its helpers
  await exited;
}

/** A signal and how long to wait for it to work. */
export interface StopSignal {
  readonly signal: NodeJS.Signals;
  readonly patienceMs: number;
}

function send(signal: NodeJS.Signals, { pid }: ProcessIdentity): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already: as wished
  }
}

async function endsWithin(exited: Promise<unknown>, ms: number): Promise<boolean> {
  const cancel = new AbortController();
  try {
    return await Promise.race([exited.then(() => true), delay(ms, false, { signal: cancel.signal })]);
  } finally {
    cancel.abort();
  }
}
