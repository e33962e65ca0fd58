import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Log, silentLog } from "@bee/core";
import { accountFor, launchAs } from "./account.ts";
import type { EmbeddedStore } from "./embedded-store.ts";
import { ownDirectory } from "./own-directory.ts";
import { keepPassword } from "./password.ts";
import { postgresBinaries } from "./postgres-binaries.ts";
import { createCluster, DATABASE } from "./postgres-cluster.ts";
import { identifyProcess, isRunning } from "./process-identity.ts";
import { startServer } from "./start-server.ts";

/** Room for the 50 connections of the fleet, and for tests that bring pools of their own. */
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "200",
  shared_buffers: "128MB",
};

/**
 * For tests: a crash of the machine may then cost the data. A crash of the process may not, which is why
 * synchronous_commit stays on: without it a kill loses the last moments, and tests of kills would prove nothing.
 */
const NOT_DURABLE = { fsync: "off", full_page_writes: "off" };

/** SIGINT is Postgres's fast shutdown; SIGQUIT leaves the tidying to the next start. */
const STOP_SIGNALS = [
  { signal: "SIGINT", patienceMs: 20_000 },
  { signal: "SIGQUIT", patienceMs: 5_000 },
] as const;

/** Starts the Postgres of that directory, which it creates at the first start with a database for us. */
export async function startPostgres(options: {
  directory: string;
  log?: Log;
  durable?: boolean;
}): Promise<EmbeddedStore> {
  const { log = silentLog, durable = true } = options;
  const directory = await ownDirectory("Postgres", options.directory);
  const data = join(directory, "data");
  const passwordFile = join(directory, "password");
  const password = await keepPassword(passwordFile);
  const account = await accountFor(directory);
  const binaries = await postgresBinaries();
  await createCluster({ data, passwordFile, binaries, account, durable });
  const settings = { ...SETTINGS, ...(durable ? {} : NOT_DURABLE) };
  const server = await startServer(
    {
      name: "Postgres",
      directory,
      async prepare(port) {
        const args = ["-D", data, ...asFlags({ ...settings, port })];
        const launch = launchAs(account, { command: binaries.postgres, args });
        return { ...launch, env: await aboutTheDead(join(data, "postmaster.pid")) };
      },
      readyLine: "database system is ready to accept connections",
      stopSignals: STOP_SIGNALS,
    },
    log,
  );
  return { ...server, url: `postgres://${DATABASE}:${password}@127.0.0.1:${server.port}/${DATABASE}` };
}

function asFlags(settings: Record<string, string | number>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/**
 * Postgres takes a killed one for alive, and refuses to start, while it is a zombie that nobody collects: in a
 * container that may be for ever. It has an ear for one pid to disregard (meant for the caller of pg_ctl); its
 * other guard, the memory that helpers of the killed one still share, stays in force.
 */
async function aboutTheDead(pidFile: string): Promise<Record<string, string>> {
  const pid = Number.parseInt(await readFile(pidFile, "utf8").catch(() => "0"), 10);
  return isRunning(identifyProcess(pid)) ? {} : { PG_GRANDPARENT_PID: String(pid) };
}
