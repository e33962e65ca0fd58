import { BeeError, type Log, messageOf, withoutPassword } from "@bee/core";
import { Cluster, Redis } from "ioredis";
import { inOneWrite } from "./one-write.ts";
import { parseRedisUrl, type RedisAddress } from "./redis-address.ts";
import { mastersOf } from "./redis-nodes.ts";

export type { Redis } from "ioredis";

export interface RedisOptions {
  readonly url: string;
  /** Shown in `CLIENT LIST`. */
  readonly name: string;
  readonly log: Log;
  /** Refuse a command at once while Redis is away, in place of letting it wait: for a process that must answer. */
  readonly failFast?: boolean;
}

const MAX_RETRY_DELAY_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/**
 * A connection that owes an answer for so long is lost without a word, and is made anew. BullMQ's longest wait for a task
 * is 10 s.
 */
const SILENCE_MS = 20_000;
/** Of a connection that only listens: it is owed no answer. */
const KEEPALIVE_MS = 10_000;
/** ioredis waits this long for the end of a connection that is closed already, and keeps the process alive for it. */
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * A connection for workers: commands wait while Redis is away and go on when it is back, after two seconds at most
 * (BullMQ's own retry backs off to 20 s). One to a Redis Cluster is used as any other: what is looked at or changed
 * together bears the same hash tag (`keys.ts`).
 */
export function openRedis({ url, name, log, failFast = false }: RedisOptions): Redis {
  const redis = connect(parseRedisUrl(url), {
    connectionName: name,
    connectTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_MS,
    keepAlive: KEEPALIVE_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    // BullMQ requires null of the connections of its workers.
    maxRetriesPerRequest: failFast ? 1 : null,
    enableOfflineQueue: !failFast,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, MAX_RETRY_DELAY_MS),
  });
  let away = false;
  redis.on("error", (error) => {
    if (!away) log.warn("Redis is not reachable", { error: messageOf(error) });
    away = true;
  });
  redis.on("ready", () => {
    if (away) log.info("Redis is back");
    away = false;
  });
  return inOneWrite(redis);
}

const PROBE: ConnectOptions = {
  lazyConnect: true,
  connectTimeout: CONNECT_TIMEOUT_MS,
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
};

interface ConnectOptions {
  readonly connectionName?: string;
  readonly connectTimeout: number;
  readonly socketTimeout?: number;
  readonly keepAlive?: number;
  readonly disconnectTimeout: number;
  readonly maxRetriesPerRequest: number | null;
  readonly enableOfflineQueue?: boolean;
  readonly lazyConnect?: boolean;
  /** @returns milliseconds until the next try; null to give up. */
  readonly retryStrategy: (attempt: number) => number | null;
}

/** What ioredis has two classes for, with the same commands; this package uses none in which they differ. */
function connect({ server, cluster }: RedisAddress, options: ConnectOptions): Redis {
  if (!cluster) return new Redis({ ...options, ...server });
  const { host, port, db, ...credentials } = server;
  const { retryStrategy, lazyConnect = false, enableOfflineQueue = true, ...ofNodes } = options;
  return new Cluster([{ host, port }], {
    lazyConnect,
    enableOfflineQueue,
    clusterRetryStrategy: retryStrategy,
    // A name is what a certificate is for; ioredis would put the address in its place.
    ...(server.tls === undefined ? {} : { dnsLookup: (name, done) => done(null, name) }),
    redisOptions: { ...ofNodes, ...credentials },
  }) as unknown as Redis;
}

/**
 * Waits for the first connection and refuses a Redis that would lose jobs.
 * @throws BeeError `cannot-start` when there is no Redis, `unsafe-redis` when it may evict keys.
 */
export async function requireSafeRedis(url: string): Promise<void> {
  const address = parseRedisUrl(url);
  // Probes of their own that give up, unlike the connections that work.
  const node = connect({ ...address, cluster: false }, PROBE);
  let cluster: Redis | undefined;
  // The reason of a failed connection arrives as an event; the call itself only says that it closed.
  let reason: unknown;
  const note = (error: unknown) => {
    reason = error;
  };
  node.on("error", note);
  try {
    await node.connect();
    requireMode(await node.info("cluster"), address);
    if (address.cluster) {
      cluster = connect(address, PROBE);
      cluster.on("error", note);
      await cluster.connect();
    }
    for (const master of mastersOf(cluster ?? node)) requireNoEviction(await master.info("memory"));
  } catch (error) {
    if (error instanceof BeeError) throw error;
    throw new BeeError(
      "cannot-start",
      `expected a Redis at REDIS_URL (${withoutPassword(url)}), got: ${messageOf(reason ?? error)}; start it or correct REDIS_URL`,
      { cause: error },
    );
  } finally {
    node.disconnect();
    cluster?.disconnect();
  }
}

/** A Redis Cluster that is taken for one server refuses what its other nodes hold, and the other way round. */
function requireMode(info: string, { cluster }: RedisAddress): void {
  if (/^cluster_enabled:1/m.test(info) === cluster) return;
  throw new BeeError(
    "cannot-start",
    cluster
      ? "expected a node of a Redis Cluster at REDIS_URL, got a Redis that is none; take cluster=true out of REDIS_URL"
      : "expected one Redis at REDIS_URL, got a node of a Redis Cluster; put ?cluster=true behind REDIS_URL",
  );
}

function requireNoEviction(info: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "unknown";
  if (policy === "noeviction") return;
  throw new BeeError(
    "unsafe-redis",
    `expected a Redis with maxmemory-policy noeviction, got ${policy}, under which Redis may drop queued jobs; run CONFIG SET maxmemory-policy noeviction`,
  );
}
