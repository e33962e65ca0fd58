import { setTimeout as delay } from "node:timers/promises";
import type { RateRule, RuleInForce } from "@bee/core";
import Bottleneck from "bottleneck";
import type { Redis } from "ioredis";
import { askAgain, type Grant, spacingOf, spreadOf, type Turn, turnOf } from "./gate-turn.ts";
import type { RedisClock } from "./redis-clock.ts";

/**
 * Bottleneck 2.19.5 with the changes that make its clustering exact. They override undocumented methods, so the version
 * is pinned, and gates.test.ts holds each of them against a real Redis.
 */
interface Internals {
  /** Bottleneck's own takes milliseconds to wait; the connection below has it given the grant. */
  _run(index: string, job: LimiterJob, wait: number | Grant): void;
  _drainAll(): Promise<unknown>;
  readonly Events: {
    listenerCount(name: string): number;
    trigger(name: string, ...values: unknown[]): unknown;
  };
  readonly _scheduled: Readonly<Record<string, { readonly timeout: NodeJS.Timeout }>>;
  readonly _store: {
    readonly clientId: string;
    __submit__: () => Promise<{ reachedHWM: boolean; blocked: boolean; strategy: unknown }>;
  };
}
interface LimiterJob {
  readonly args: [Place];
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
  // 2. A granted request is told when it may start, in place of how long to wait.
  // 3. Redis 7 puts "ERR " before a script's error, and Bottleneck, which compares the whole text, then no longer
  //    recovers from a flushed Redis, an expired key or a frozen client (bottleneck #205, #212, #219).
  internals.__scriptArgs__ = (name, id, args, callback) => {
    // The first request of a new gate may start at the time that `init` is given: later, when Redis lost the old gate.
    const now = clock.nowMicros() + (name === "init" ? holdFor(id) : 0);
    return scriptArgs(name, id, [now, ...args.slice(1)], (error, reply) =>
      callback(error && bareError(error), name === "register" ? withGrant(reply, now) : reply),
    );
  };
  return connection;
}

/** The wait in the reply counts from the moment it was asked for, and the reply may be late: it becomes a moment. */
function withGrant(reply: unknown, askedAt: number): unknown {
  if (!Array.isArray(reply) || !reply[0]) return reply;
  const grant: Grant = { askedAt, arrival: askedAt + reply[1] };
  return [reply[0], grant];
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
/** Room for a late start, and for a late end, before Redis gives a request's place to another. */
const MARGIN_MS = 2_500;
/** Of Bottleneck's ten priorities. Who lost its place goes before those who come. */
const USUAL = 5;
const FIRST = 4;

/** Where a request stands at the gate, from one grant to the next. */
interface Place {
  /** The longest that its start may wait, in microseconds, by the rule under which it was asked for. */
  readonly patience: number;
  index: string;
  turn: Turn;
}
/** There is no limit of those who wait, so none is refused. */
const ADMITTED = Promise.resolve({ reachedHWM: false, blocked: false, strategy: Bottleneck.strategy.LEAK });
const LOST = Symbol("the place was given to another");

const Limiter = Bottleneck as unknown as new (
  options: Bottleneck.ConstructorOptions & {
    timeout: number;
    heartbeatInterval: number;
    clientTimeout: number;
  },
) => Bottleneck & Internals;

export interface GateLimiterOptions {
  readonly id: string;
  readonly rule: RuleInForce;
  readonly connection: Bottleneck.IORedisConnection;
  readonly redis: Redis;
  readonly clock: RedisClock;
  /** The longest that a request may take. */
  readonly deadlineMs: number;
}

/**
 * The limiter of one domain: at most `requestsPerSecond · T + burst` starts in any window of T seconds, at most
 * `concurrency` in flight, over all processes that share the Redis.
 *
 * Bottleneck alone spaces starts `minTime` apart, which is a burst of one. Here the register script's `nextRequest` is
 * the theoretical arrival time of the generic cell rate algorithm, and a start may come some spacings ahead of it
 * (`gate-turn.ts`). (Reservoirs, Bottleneck's own way to a burst, refill only as fast as limiters beat: 2.5 requests a
 * second where 50 were allowed, measured.)
 *
 * A process may stand still between its grant and its start. Those behind it start on time all the same, so a request
 * that has missed its turn takes a new one.
 */
export class GateLimiter extends Limiter {
  readonly #options: GateLimiterOptions;
  #inForce: RuleInForce;

  constructor(options: GateLimiterOptions) {
    const { id, rule, connection } = options;
    super({
      id,
      connection,
      datastore: "ioredis",
      ...settingsOf(rule.rule),
      timeout: GATE_TTL_MS,
      heartbeatInterval: HEARTBEAT_MS,
      clientTimeout: CLIENT_TIMEOUT_MS * MICROS,
    });
    this.#options = options;
    this.#inForce = rule;
    this._store.__submit__ = () => this.#countQueued();
    this.#tellOnlyListeners();
  }

  get rule(): RateRule {
    return this.#inForce.rule;
  }

  /** Puts a rule in force, also over the settings that another process left in Redis; never one that is older. */
  async apply(rule: RuleInForce): Promise<void> {
    if (rule.revision >= this.#inForce.revision) this.#inForce = rule;
    await this.ready();
    await this.updateSettings(settingsOf(this.rule));
  }

  /** Makes a request in its turn. */
  async enter<T>(request: () => Promise<T>): Promise<T> {
    let priority = USUAL;
    for (;;) {
      const patience = this.#patience;
      const place: Place = { patience, index: "", turn: { arrival: 0, from: 0, until: 0 } };
      const options = { expiration: this.#keep(patience), priority };
      const made = await this.schedule(options, () => this.#start(place, request), place);
      if (made !== LOST) return made as T;
      priority = FIRST;
    }
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

  /**
   * In place of the submit script, which asks for limits that there are not and has every request wait for the answer: of
   * what it does the others need one count, of those who wait in each process. It goes with the register script.
   */
  #countQueued(): typeof ADMITTED {
    const { id, redis } = this.#options;
    // Without Redis the register script waits, too.
    redis.hincrby(`b_${id}_client_num_queued`, this._store.clientId, 1).catch(() => {});
    return ADMITTED;
  }

  /** Of some twenty events that a request makes, each told by an async function, most have no listener. */
  #tellOnlyListeners(): void {
    const { Events: events } = this;
    const trigger = events.trigger.bind(events);
    events.trigger = (name, ...values) =>
      events.listenerCount(name) === 0 ? undefined : trigger(name, ...values);
  }

  override _run(index: string, job: LimiterJob, { askedAt, arrival }: Grant): void {
    const [place] = job.args;
    place.index = index;
    place.turn = this.#turn(arrival, askedAt + place.patience);
    // Redis keeps the expiration. Bottleneck's own timer for it does not end the request, and throws out of the timer
    // when it fires before the start (bottleneck #181).
    job.options.expiration = undefined;
    super._run(index, job, this.#msUntil(place.turn.from));
  }

  #start<T>(place: Place, request: () => Promise<T>): Promise<T | typeof LOST> {
    return this.#isOver(place.turn) ? this.#startAgain(place, request) : request();
  }

  /**
   * Whoever is late again and again pays with its domain's pace for more time, twice as much in each round: so a process
   * whose event loop is always late gets its turn, too.
   */
  async #startAgain<T>({ index, turn }: Place, request: () => Promise<T>): Promise<T | typeof LOST> {
    const { id, redis, clock } = this.#options;
    let missed = turn.arrival;
    for (let pay = 0; ; pay = Math.max(2 * pay, spreadOf(this.rule))) {
      const patience = this.#patience;
      const startBy = clock.nowMicros() + patience;
      // More would buy nothing, for its place is not kept for longer.
      pay = Math.min(pay, patience);
      const options = { keep: this.#keep(patience), missed, pay };
      const arrival = await askAgain(redis, { gate: id, index }, options);
      if (arrival === null) return LOST;
      const next = this.#turn(arrival, startBy, pay);
      await delay(this.#msUntil(next.from), undefined, { ref: false });
      if (!this.#isOver(next)) return request();
      missed = arrival + pay;
    }
  }

  /** @param startBy when the request could no longer end before its place is given to another. */
  #turn(arrival: number, startBy: number, paid = 0): Turn {
    const turn = turnOf(arrival, this.rule, paid);
    return { ...turn, until: Math.min(turn.until, startBy) };
  }

  #isOver({ until }: Turn): boolean {
    return this.#options.clock.nowMicros() > until;
  }

  /** Node's timers may fire a millisecond early. */
  #msUntil(moment: number): number {
    const ms = (moment - this.#options.clock.nowMicros()) / MICROS;
    return ms > 0 ? Math.ceil(ms) + 1 : 0;
  }

  /** The longest that a start may wait: for all who are in front of it, and for its process. */
  get #patience(): number {
    return this.rule.concurrency * spacingOf(this.rule) + MARGIN_MS * MICROS;
  }

  /** Microseconds, from the moment it is asked for, after which a place is given to another. */
  #keep(patience: number): number {
    return patience + (this.#options.deadlineMs + MARGIN_MS) * MICROS;
  }
}

function settingsOf(rule: RateRule): { minTime: number; maxConcurrent: number } {
  return { minTime: spacingOf(rule), maxConcurrent: rule.concurrency };
}
