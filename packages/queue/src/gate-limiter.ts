import type { RateRule } from "@bee/core";
import Bottleneck from "bottleneck";
import type { Redis } from "ioredis";
import type { RedisClock } from "./redis-clock.ts";

/**
 * Bottleneck 2.19.5 with the three changes that make its clustering exact. They override undocumented methods, so the
 * version is pinned and gate.test.ts holds each of them against a real Redis.
 */
interface Internals {
  _run(index: string, job: unknown, wait: number): void;
}
type ScriptCallback = (error: Error | null, reply: unknown) => void;
interface ConnectionInternals {
  __scriptArgs__(name: string, id: string, args: unknown[], callback: ScriptCallback): unknown[];
}

/** The connection that all gates of a process share. */
export function gateConnection(client: Redis, clock: RedisClock): Bottleneck.IORedisConnection {
  const connection = new Bottleneck.IORedisConnection({ client });
  const internals = connection as unknown as ConnectionInternals;
  const scriptArgs = internals.__scriptArgs__.bind(connection);
  // 1. Argument 0 of every script is the time: the clock of Redis in place of the worker's own.
  // 2. Redis 7 puts "ERR " before a script's error, and Bottleneck, which compares the whole text, then no longer
  //    recovers from a flushed Redis, an expired key or a frozen client (bottleneck #205, #212, #219).
  internals.__scriptArgs__ = (name, id, args, callback) =>
    scriptArgs(name, id, [clock.now(), ...args.slice(1)], (error, reply) =>
      callback(error && bareError(error), reply),
    );
  return connection;
}

function bareError(error: Error): Error {
  return error.message.startsWith("ERR ") ? new Error(error.message.slice(4), { cause: error }) : error;
}

/** Each beat of a limiter is published to all workers, so it beats seldom; a client counts as gone after three. */
const HEARTBEAT_MS = 30_000;
const CLIENT_TIMEOUT_MS = 3 * HEARTBEAT_MS;
/** A gate that nobody used for so long leaves Redis. */
const GATE_TTL_MS = 300_000;

const Limiter = Bottleneck as unknown as new (
  options: Bottleneck.ConstructorOptions & {
    timeout: number;
    heartbeatInterval: number;
    clientTimeout: number;
  },
) => Bottleneck & Internals;

/**
 * The limiter of one domain: at most `requestsPerSecond · T + burst` starts in any window of T seconds, at most
 * `concurrency` in flight, over all processes that share the Redis.
 *
 * Bottleneck alone spaces starts `minTime` apart, which is a burst of one. 3. Its `_run` here waits `(burst − 1)`
 * spacings less than it was told, which is the generic cell rate algorithm: the register script's `nextRequest` is the
 * theoretical arrival time, and a start may come that far ahead of it. (Reservoirs, Bottleneck's own way to a burst,
 * refill only as fast as limiters beat: 2.5 requests a second where 50 were allowed, measured.)
 */
export class GateLimiter extends Limiter {
  #rule: RateRule;

  constructor(id: string, rule: RateRule, connection: Bottleneck.IORedisConnection) {
    super({
      id,
      connection,
      datastore: "ioredis",
      ...settingsOf(rule),
      timeout: GATE_TTL_MS,
      heartbeatInterval: HEARTBEAT_MS,
      clientTimeout: CLIENT_TIMEOUT_MS,
    });
    this.#rule = rule;
  }

  get rule(): RateRule {
    return this.#rule;
  }

  /** Puts a rule in force, also over the settings that another process left in Redis. */
  async apply(rule: RateRule): Promise<void> {
    this.#rule = rule;
    await this.ready();
    await this.updateSettings(settingsOf(rule));
  }

  override _run(index: string, job: unknown, wait: number): void {
    const ahead = ((this.#rule.burst - 1) * 1_000) / this.#rule.requestsPerSecond;
    const delay = Math.max(0, wait - ahead);
    // The script's reply is cut to whole milliseconds and timers may fire one early.
    super._run(index, job, delay > 0 ? delay + 2 : 0);
  }
}

function settingsOf(rule: RateRule): { minTime: number; maxConcurrent: number } {
  return { minTime: 1_000 / rule.requestsPerSecond, maxConcurrent: rule.concurrency };
}
