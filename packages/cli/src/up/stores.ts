import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BeeError, type Config, type Log, type StopStack } from "@bee/core";
import { KeptStore } from "./kept-store.ts";

/** Where a Redis that had to be fetched is kept: beside the other tools of the checkout, for all data directories. */
const TOOLS = fileURLToPath(new URL("../../../../.toolchain", import.meta.url));

export interface Stores {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

interface StoreOptions {
  readonly config: Config;
  readonly dataDir: string;
  readonly log: Log;
  /** Remembers how to stop what was started. */
  readonly started: StopStack;
  /** Told when a store came back where nobody looks for it. */
  readonly onLost: (error: BeeError) => void;
}

/** The stores of the fleet: those that the configuration names, checked; else private ones, started. */
export async function openStores(options: StoreOptions): Promise<Stores> {
  const { databaseUrl, redisUrl } = options.config;
  // Checks go first: they take a moment, and where one fails nothing has been started in vain.
  if (databaseUrl !== undefined) await checkPostgres(databaseUrl, options.log);
  if (redisUrl !== undefined) await checkRedis(redisUrl);
  const both = await Promise.allSettled([
    databaseUrl ?? startOwnPostgres(options),
    redisUrl ?? startOwnRedis(options),
  ]);
  // Both have come to an end before one of them fails the start, so that whatever runs is known and can be stopped.
  const [postgres, redis] = both.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
  return { databaseUrl: postgres!, redisUrl: redis! };
}

async function checkPostgres(url: string, log: Log): Promise<void> {
  const { openDatabase, requireReachable } = await import("@bee/store");
  const db = openDatabase({ url, connections: 1, name: "bee up", log });
  try {
    await requireReachable(db, url);
  } finally {
    await db.destroy();
  }
}

async function checkRedis(url: string): Promise<void> {
  const { requireSafeRedis } = await import("@bee/queue");
  await requireSafeRedis(url);
}

async function startOwnPostgres({ dataDir, log, started, onLost }: StoreOptions): Promise<string> {
  const { startPostgres } = await import("@bee/embedded");
  const name = "Postgres";
  const start = () => startPostgres({ directory: join(dataDir, "postgres"), log });
  const store = await KeptStore.start({ name, start, log, onMoved: () => onLost(moved(name)) });
  return started.add(name, store, () => store.stop()).url;
}

async function startOwnRedis({ dataDir, log, started, onLost }: StoreOptions): Promise<string> {
  const { findRedis, startRedis } = await import("@bee/embedded");
  const name = "Redis";
  const binary = await findRedis({ cache: TOOLS, log });
  const start = () => startRedis({ directory: join(dataDir, "redis"), binary, log });
  const store = await KeptStore.start({ name, start, log, onMoved: () => onLost(moved(name)) });
  return started.add(name, store, () => store.stop()).url;
}

function moved(name: string): BeeError {
  const what = `expected ${name} to come back on its old port, got another one: something else listens there now`;
  return new BeeError("cannot-start", `${what}; start the fleet again`);
}

/** Brings the schema of the database up to date. */
export async function prepareDatabase(url: string, log: Log): Promise<void> {
  const { migrate, openDatabase } = await import("@bee/store");
  const db = openDatabase({ url, connections: 1, name: "bee migrate", log });
  try {
    const applied = await migrate(db);
    if (applied.length > 0) log.info("the database is up to date", { applied });
  } finally {
    await db.destroy();
  }
}
