import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { BeeError, type Log } from "@bee/core";
import type { EmbeddedStore, Exit } from "./embedded-store.ts";
import { freePort } from "./free-port.ts";
import type { Launch } from "./launch.ts";
import { isRunning } from "./process-identity.ts";
import {
  type ServerProcess,
  type StopSignal,
  spawnServer,
  stopServer,
  watchOrphan,
} from "./server-process.ts";
import { readRecord, type ServerRecord, writeRecord } from "./server-record.ts";

/** What differs between the servers; the rest of a start is the same for all. */
export interface ServerRecipe {
  readonly name: string;
  /** Absolute; holds everything of this server, its record and its log included. */
  readonly directory: string;
  /** Writes what the server reads at its start and says how to start it. */
  prepare(port: number): Promise<Launch>;
  /** What the server writes to its log when it takes connections. */
  readonly readyLine: string;
  readonly stopSignals: readonly StopSignal[];
}

/** A server that is ready, but for the address that clients need. */
export type StartedServer = Omit<EmbeddedStore, "url"> & { readonly port: number };

/** Long, because recovery after a crash comes before a server is ready. */
const START_PATIENCE_MS = 60_000;
const READY_POLL_MS = 20;
const TAIL_LINES = 6;

/**
 * Ends of a start that another try mends: the port was taken between our look and the server's, or helpers of a
 * Postgres that was killed have not noticed it yet.
 */
const TRANSIENT = /Address already in use|pre-existing shared memory block/;

/** Ends what an earlier supervisor left behind, starts the server, and resolves when it is ready. */
export async function startServer(recipe: ServerRecipe, log: Log): Promise<StartedServer> {
  const since = performance.now();
  const last = readRecord(recordFile(recipe));
  if (last) await endOrphan(recipe, last, log);
  const { server, port } = await tryUntilReady(recipe, last?.port, since + START_PATIENCE_MS, log);
  const { pid } = server.identity;
  log.info(`${recipe.name} is ready`, { pid, port, ms: Math.round(performance.now() - since) });
  let stopping: Promise<void> | undefined;
  return {
    port,
    pid,
    exited: server.exited,
    stop() {
      stopping ??= stopServer(server, recipe.stopSignals, log);
      return stopping;
    },
  };
}

/**
 * An orphan is stopped and not adopted: started anew it is our child, whose end we learn at once, and it runs with
 * today's settings. It gets its old port back, so its other clients come back by themselves.
 */
async function endOrphan(recipe: ServerRecipe, last: ServerRecord, log: Log): Promise<void> {
  if (!isRunning(last.server)) return;
  if (isRunning(last.supervisor))
    throw new BeeError(
      "cannot-start",
      `${recipe.name} in ${recipe.directory} is in use by process ${last.supervisor.pid}. ` +
        "Stop that process first, or set another BEE_DATA_DIR.",
    );
  log.warn(`${recipe.name} was left by a process that died; starting it anew`, { pid: last.server.pid });
  await stopServer(watchOrphan(last.server), recipe.stopSignals, log);
}

async function tryUntilReady(
  recipe: ServerRecipe,
  preferred: number | undefined,
  deadline: number,
  log: Log,
) {
  const logFile = join(recipe.directory, "server.log");
  for (;;) {
    const port = await freePort(preferred);
    const launch = await recipe.prepare(port);
    await rename(logFile, `${logFile}.old`).catch(() => {}); // there is none before the first start
    const server = await spawnServer(launch, logFile);
    writeRecord(recordFile(recipe), server.identity, port);
    const trouble = await troubleBeforeReady(recipe, server, logFile, deadline);
    if (trouble === undefined) return { server, port };
    await stopServer(server, recipe.stopSignals, log);
    const said = await readFile(logFile, "utf8");
    if (!TRANSIENT.test(said) || performance.now() > deadline)
      throw startFailure(recipe, trouble, logFile, said);
    await delay(READY_POLL_MS);
  }
}

/** Undefined when the server is ready; else what happened instead. */
async function troubleBeforeReady(
  { readyLine }: ServerRecipe,
  { exited }: ServerProcess,
  logFile: string,
  deadline: number,
): Promise<string | undefined> {
  let exit: Exit | undefined;
  void exited.then((how) => {
    exit = how;
  });
  while (performance.now() < deadline) {
    if (exit) return `it ended with ${exit.signal ?? `code ${exit.code}`}`;
    if ((await readFile(logFile, "utf8")).includes(readyLine)) return undefined;
    await delay(READY_POLL_MS);
  }
  return `it was not within ${START_PATIENCE_MS / 1000} s`;
}

function startFailure(recipe: ServerRecipe, trouble: string, logFile: string, said: string): BeeError {
  const tail = said.trimEnd().split("\n").slice(-TAIL_LINES).join("\n");
  return new BeeError(
    "cannot-start",
    `${recipe.name} was expected to get ready, but ${trouble}. The end of ${logFile}:\n${tail}`,
  );
}

function recordFile(recipe: ServerRecipe): string {
  return join(recipe.directory, "server.json");
}
