import { BeeError, type Log, messageOf, withoutPassword } from "@bee/core";
import { Redis } from "ioredis";
import { inOneWrite } from "./one-write.ts";

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
 * (BullMQ's own retry backs off to 20 s).
 */
export function openRedis({ url, name, log, failFast = false }: RedisOptions): Redis {
  const redis = new Redis(url, {
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

/**
 * Waits for the first connection and refuses a Redis that would lose jobs.
 * @throws BeeError `cannot-start` when there is no Redis, `unsafe-redis` when it may evict keys.
 */
export async function requireSafeRedis(url: string): Promise<void> {
  // A probe of its own that gives up, unlike the connections that work.
  const probe = new Redis(url, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The reason of a failed connection arrives as an event; the call itself only says that it closed.
  let reason: unknown;
  probe.on("error", (error) => {
    reason = error;
  });
  try {
    await probe.connect();
    requireNoEviction(await probe.info("memory"));
  } catch (error) {
    if (error instanceof BeeError) throw error;
    throw new BeeError(
      "cannot-start",
      `expected a Redis at REDIS_URL (${withoutPassword(url)}), got: ${messageOf(reason ?? error)}; start it or correct REDIS_URL`,
      { cause: error },
    );
  } finally {
    probe.disconnect();
  }
}

function requireNoEviction(info: string): void {
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1] ?? "unknown";
  if (policy === "noeviction") return;
  throw new BeeError(
    "unsafe-redis",
    `expected a Redis with maxmemory-policy noeviction, got ${policy}, under which Redis may drop queued jobs; run CONFIG SET maxmemory-policy noeviction`,
  );
}
