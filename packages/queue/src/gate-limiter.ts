import type { RateRule } from "@bee/core";
import Bottleneck from "bottleneck";
import type { Redis } from "ioredis";
import type { RedisClock } from "./redis-clock.ts";

/**
 * Bottleneck 2.19.5 with the changes that make its clustering exact. They override undocumented methods, so the version
 * is pinned, and gates.test.ts holds each of them against a real Redis.
 */
interface Internals {
  _run(index: string, job: LimiterJob, wait: number): void;
  _drainAll(): Promise<unknown>;
  readonly _scheduled: Readonly<Record<string, { readonly timeout: NodeJS.Timeout }>>;
}
interface LimiterJob {
  readonly options: { expiration: number | undefined };
}
type ScriptCallback = (error: Error | null, reply: unknown) => void;
interface ConnectionInternals {
  __scriptArgs__(name: string, id: string, args: unknown[], callback: ScriptCallback): unknown[];
}

export interface GateConnectionOptions {
  readonly client: Redis;
  readonly clock: RedisClock;
  /** Microseconds for which a gate that begins in Redis now is to be held. */
  readonly holdFor: (gate: string) => number;
}

/** The connection that all gates of a process share. */
export function gateConnection(options: GateConnectionOptions): Bottleneck.IORedisConnection {
  const { client, clock, holdFor } = options;
  const connection = new Bottleneck.IORedisConnection({ client });
  const internals = connection as unknown as ConnectionInternals;
  const scriptArgs = internals.__scriptArgs__.bind(connection);
  // 1. Argument 0 of every script is the time: the clock of Redis in place of the worker's own, and in microseconds.
  //    In milliseconds three requests a second are one every 333.3 ms, and the scripts compute a key's time to live
  //    from that, which Redis refuses when it is not whole.
  // 2. Redis 7 puts "ERR " before a script's error, and Bottleneck, which compares the whole text, then no longer
  //    recovers from a flushed Redis, an expired key or a frozen client (bottleneck #205, #212, #219).
  internals.__scriptArgs__ = (name, id, args, callback) => {
    // The first request of a new gate may start at the time that `init` is given: later, when Redis lost the old gate.
    const now = clock.nowMicros() + (name === "init" ? holdFor(id) : 0);
    return scriptArgs(name, id, [now, ...args.slice(1)], (error, reply) =>
      callback(error && bareError(error), reply),
    );
  };
  return connection;
}

function bareError(error: Error): Error {
  return error.message.startsWith("ERR ") ? new Error(error.message.slice(4), { cause: error }) : error;
}

/** Each beat of a limiter is published to all workers, so it beats seldom; a client counts as gone after three. */
const HEARTBEAT_MS = 30_000;
const CLIENT_TIMEOUT_MS = 3 * HEARTBEAT_MS;
/** A gate that nobody used for so long leaves Redis. The one time that the scripts hand to Redis as milliseconds. */
const GATE_TTL_MS = 300_000;
const MICROS = 1_000;
/**
 * The first requests of a burst may reach the target this much later than their gate let them go, by a busy event loop
 * or a new connection, and those after them be on time. So much is kept off the burst's head start: the bound holds at
 * the target too, and the pace after the burst is the same.
 */
const SPREAD_MS = 25;

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
 * Bottleneck alone spaces starts `minTime` apart, which is a burst of one. Its `_run` here waits `(burst − 1)`
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
      clientTimeout: CLIENT_TIMEOUT_MS * MICROS,
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

  /**
   * Makes a request in its turn. After `placeMs` its place is given to another, so it must have ended by then; that
   * time also covers the wait for the start.
   */
  enter<T>(placeMs: number, request: () => Promise<T>): Promise<T> {
    return this.schedule({ expiration: placeMs * MICROS }, request);
  }

  /**
   * Looks again whether there is room. Bottleneck looks when a request arrives or ends; the place of a process that
   * died is freed by neither, and would be noticed with the next heartbeat only.
   */
  lookAgain(): void {
    // Errors arrive as the limiter's `error` event.
    if (this.queued() > 0) void this._drainAll();
  }

  /** A turn at a slow domain may be hours away, and its timer would keep a process alive that has stopped. */
  startNoMore(): void {
    for (const { timeout } of Object.values(this._scheduled)) clearTimeout(timeout);
  }

  override _run(index: string, job: LimiterJob, waitMicros: number): void {
    const aheadMs = ((this.#rule.burst - 1) * 1_000) / this.#rule.requestsPerSecond - SPREAD_MS;
    const delayMs = waitMicros / MICROS - Math.max(0, aheadMs);
    // Redis keeps the expiration. Bottleneck's own timer for it does not end the request, and throws out of the timer
    // when it fires before the start (bottleneck #181).
    job.options.expiration = undefined;
    // Node's timers may fire a millisecond early.
    super._run(index, job, delayMs > 0 ? Math.ceil(delayMs) + 1 : 0);
  }
}

function settingsOf(rule: RateRule): { minTime: number; maxConcurrent: number } {
  return { minTime: Math.ceil((1_000 * MICROS) / rule.requestsPerSecond), maxConcurrent: rule.concurrency };
}
