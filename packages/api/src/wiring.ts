import { API_CONNECTIONS, type Config, type Log, StopStack, within } from "@bee/core";
import {
  AllQueues,
  FleetRegistry,
  openRedis,
  publishApiAddress,
  requireSafeRedis,
  ScheduleWakes,
} from "@bee/queue";
import { acceptAdminKey, openDatabase, requireMigrated, requireReachable, sweepJob } from "@bee/store";
import { createApp } from "./app.ts";
import { Events } from "./events/events.ts";
import { Beacon } from "./health/beacon.ts";
import { HttpServer } from "./http/http-server.ts";
import { Sweeper } from "./jobs/sweeper.ts";
import { FleetPressure } from "./metrics/fleet-pressure.ts";

export interface ApiOptions {
  readonly config: Config;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** The operator's key to accept. */
  readonly adminKey: string;
  readonly log: Log;
}

export interface Api {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A Redis that has just answered is connected to within milliseconds. */
const READY_MS = 5_000;

/**
 * The API process. It starts from the stores up and listens last, so that whoever connects can be served; it stops
 * from the listener down, so that whoever is being served still has the stores.
 * @throws BeeError `cannot-start` or `unsafe-redis`, with nothing left running.
 */
export async function startApi(options: ApiOptions): Promise<Api> {
  const started = new StopStack();
  try {
    return await startParts(options, started);
  } catch (error) {
    await started.stop();
    throw error;
  }
}

async function startParts(options: ApiOptions, started: StopStack): Promise<Api> {
  const { config, databaseUrl, redisUrl, adminKey, log } = options;

  const database = { url: databaseUrl, connections: API_CONNECTIONS, name: "bee api", log };
  const db = started.add("Postgres", openDatabase(database), (db) => db.close());
  await requireReachable(db, databaseUrl);
  await requireMigrated(db);
  await acceptAdminKey(db, adminKey);

  await requireSafeRedis(redisUrl);
  // A job is stored in Postgres first, so a command that Redis cannot take now may fail at once.
  const redis = openRedis({ url: redisUrl, name: "bee-api", log, failFast: true });
  started.add("Redis", redis, (redis) => redis.disconnect());
  const queues = new AllQueues(redis);
  started.add("queues", queues, (queues) => queues.close());
  await within(READY_MS, "Redis", queues.of(config).queues.critical.waitUntilReady());

  const wakes = new ScheduleWakes(redis);
  started.add("wake-ups", wakes, (wakes) => wakes.close());

  const sweeper = new Sweeper({
    sweep: (job) => sweepJob(db, job),
    dispatch: (release) => queues.dispatch(release),
    log,
  });
  started.add("sweeper", sweeper, (sweeper) => sweeper.stop());

  const server = new HttpServer();
  const registry = new FleetRegistry(redis);
  const pressure = new FleetPressure(redis, registry, log);
  const parts = { config, db, redis, queues, registry, pressure, wakes, sweeper, log };
  const events = new Events(parts);
  const app = createApp(parts, events, () => server.stopping);
  const { address, port } = await server.listen(app, config.host, config.port);
  const beacon = new Beacon(() => publishApiAddress(redis, { address, port }), log);
  started.add("beacon", beacon, () => beacon.stop());
  beacon.start();
  // Stops first: not ready any more, accepts nobody, serves to the end who is here.
  started.add("HTTP server", server, (server) => server.stop());
  // Before it, because streams have no end of their own that the server could wait for.
  started.add("event streams", events, (events) => events.stop());
  await events.start(redis);

  const url = urlOf(config.host, port);
  log.info("the API listens", { url });
  return { port, url, stop: () => started.stop() };
}

/** Where a person on this machine finds it; the wildcard addresses are no addresses to go to. */
function urlOf(host: string, port: number): string {
  const name = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  return `http://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
