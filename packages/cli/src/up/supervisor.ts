import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { BeeError, type Config, type Log, type StopStack } from "@bee/core";
import { type StopRequest, unlessAborted } from "../process/stop-request.ts";
import { adminKeyFile, ensureAdminKey } from "./admin-key.ts";
import { Crew } from "./crew.ts";
import { openDataDir } from "./data-dir.ts";
import { FleetClaim } from "./fleet-claim.ts";
import { requireFreePort } from "./free-port.ts";
import { KeptProcess } from "./kept-process.ts";
import { openStores, prepareDatabase, type Stores } from "./stores.ts";

export interface SupervisorOptions {
  readonly config: Config;
  readonly log: Log;
  /** Remembers how to stop what was started, also when the start fails half-way. */
  readonly started: StopStack;
  readonly stop: StopRequest;
  readonly onStores: () => void;
}

/** A fleet that runs. */
export interface Fleet {
  readonly url: string;
  readonly workers: number;
  /** Where the operator's key is; null when it was set from outside. */
  readonly keyFile: string | null;
}

/** What is left of a fleet whose supervisor was killed needs this long to notice and to leave the port. */
const PREDECESSOR_MS = 15_000;
const WORKERS_PATIENCE_MS = 60_000;
const API_PATIENCE_MS = 20_000;
/** The scaler waits for its workers, and kills those that do not end. */
const SCALER_PATIENCE_MS = 55_000;

/**
 * Starts a fleet on this machine. The order of the start is the reverse of the order of the stop:
 *
 *     data directory   nobody else works with its files
 *     Postgres, Redis  outlive all who use them
 *     crew             whoever is left when the scaler is gone, such as workers of a scaler that was killed
 *     scaler           retires its workers and waits for them
 *     api              first to stop: no job comes in that nobody would carry out
 */
export async function startFleet(options: SupervisorOptions): Promise<Fleet> {
  const { config, log, started, stop, onStores } = options;
  const dataDir = openDataDir(config.dataDir);
  const claim = started.add("data directory", new FleetClaim(dataDir), (part) => part.release());
  await requireFreePort(config, claim.tookOver ? PREDECESSOR_MS : 0);
  stop.asked.throwIfAborted();
  const onLost = (error: BeeError) => stop.fail(error);
  const stores = await openStores({ config, dataDir, log, started, onLost });
  stop.asked.throwIfAborted();
  await prepareDatabase(stores.databaseUrl, log);
  onStores();
  const url = await startProcesses(options, dataDir, stores);
  claim.publish({ url, databaseUrl: stores.databaseUrl });
  const keyFile = config.adminKey === undefined ? adminKeyFile(dataDir) : null;
  return { url, workers: config.workers.min, keyFile };
}

/** @returns the API's address, when it answers and the smallest fleet is complete. */
async function startProcesses(
  { config, log, started, stop }: SupervisorOptions,
  dataDir: string,
  { databaseUrl, redisUrl }: Stores,
): Promise<string> {
  const { generateSecret } = await import("@bee/store");
  const adminKey = ensureAdminKey(config.adminKey, dataDir, generateSecret);
  const told = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, BEE_OWNER: `up-${randomUUID()}` };
  const crew = new Crew(told, log);
  started.add("crew", crew, () => crew.stop(stop.urgent));
  const keep = (name: "api" | "scaler", patienceMs: number, environment: () => Record<string, string>) => {
    const spawn = () => crew.spawn(name, environment());
    const hear = crew.hear.bind(crew);
    const kept = new KeptProcess({ name, spawn, hear, log, urgent: stop.urgent, patienceMs });
    return started.add(name, kept, () => kept.stop());
  };
  const scaler = keep("scaler", SCALER_PATIENCE_MS, () => ({}));
  // A port that was chosen at the first start is kept by those that follow.
  let port = String(config.port);
  const api = keep("api", API_PATIENCE_MS, () => ({ BEE_ADMIN_KEY: adminKey, BEE_PORT: port }));
  const workers = unlessLate(crew.workers(config.workers.min), config.workers.min);
  const [{ url }] = await unlessAborted(Promise.all([api.start(), scaler.start(), workers]), stop.asked);
  port = new URL(url!).port || port;
  return url!;
}

/** The scaler goes on spawning workers that end at once, so nobody else would notice. */
function unlessLate(ready: Promise<void>, workers: number): Promise<void> {
  const late = delay(WORKERS_PATIENCE_MS, undefined, { ref: false }).then(() => {
    const seconds = WORKERS_PATIENCE_MS / 1_000;
    throw new BeeError(
      "cannot-start",
      `expected ${workers} workers within ${seconds} s, got fewer; the log says why`,
    );
  });
  return Promise.race([ready, late]);
}
