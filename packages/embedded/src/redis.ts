import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Log, silentLog } from "@bee/core";
import type { EmbeddedStore } from "./embedded-store.ts";
import { ownDirectory } from "./own-directory.ts";
import { keepPassword } from "./password.ts";
import { startServer } from "./start-server.ts";

/** On SIGTERM Redis writes what is outstanding and leaves. */
const STOP_SIGNALS = [{ signal: "SIGTERM", patienceMs: 20_000 }] as const;

/** Starts the Redis of that directory; `binary` is what `findRedis` found. */
export async function startRedis(options: {
  directory: string;
  binary: string;
  log?: Log;
  durable?: boolean;
}): Promise<EmbeddedStore> {
  const { binary, log = silentLog, durable = true } = options;
  const directory = await ownDirectory("Redis", options.directory);
  const configFile = join(directory, "redis.conf");
  const password = await keepPassword(join(directory, "password"));
  const server = await startServer(
    {
      name: "Redis",
      directory,
      async prepare(port) {
        await writeFile(configFile, config({ directory, port, password, durable }), { mode: 0o600 });
        return { command: binary, args: [configFile] };
      },
      readyLine: "Ready to accept connections",
      stopSignals: STOP_SIGNALS,
    },
    log,
  );
  return { ...server, url: `redis://:${password}@127.0.0.1:${server.port}/0` };
}

/** In a file, because everybody on the machine may read the arguments of a process. */
function config(of: { directory: string; port: number; password: string; durable: boolean }): string {
  return [
    "bind 127.0.0.1",
    `port ${of.port}`,
    `requirepass ${of.password}`,
    `dir ${JSON.stringify(of.directory)}`,
    // A queue must not lose its oldest jobs to make room: full is an error, not a reason to forget.
    "maxmemory-policy noeviction",
    `appendonly ${of.durable ? "yes" : "no"}`,
    "appendfsync everysec",
    'save ""', // the append-only file is enough
    "",
  ].join("\n");
}
