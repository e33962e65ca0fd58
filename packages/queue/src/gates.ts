import { type Log, messageOf, type RateRule } from "@bee/core";
import type { Redis } from "ioredis";
import { GateLimiter, gateConnection } from "./gate-limiter.ts";
import { agreeOnRule, type GateRule } from "./gate-rules.ts";
import { gateId } from "./keys.ts";
import { RedisClock } from "./redis-clock.ts";

/** A limiter costs two channels and a heartbeat, so one that is not used is dropped; Redis keeps the gate's state. */
const IDLE_MS = 60_000;
/** Requests that wait at a gate where none has passed for so long look whether a place has come free by itself. */
const STUCK_MS = 1_000;
/** Room between the moment a request must have ended and the moment Redis gives its place to another. */
const MARGIN_MS = 5_000;

interface Gate {
  readonly limiter: GateLimiter;
  readonly ready: Promise<void>;
  revision: number;
  passing: number;
  usedAt: number;
}

/**
 * The gates of all domains, one each for the whole fleet: every request to a domain passes its gate, whichever
 * process makes it. Kept here is only what this process needs to take part.
 */
export class Gates {
  readonly #clock: RedisClock;
  readonly #redis: Redis;
  readonly #connection: ReturnType<typeof gateConnection>;
  readonly #gates = new Map<string, Gate>();
  readonly #deadlineMs: number;
  readonly #log: Log;
  #sweeper: NodeJS.Timeout | undefined;

  /** @param deadlineMs the longest that a request may take; a place whose process died is free after that. */
  constructor(redis: Redis, { deadlineMs, log }: { deadlineMs: number; log: Log }) {
    // Not the shared connection: Bottleneck lifts its limit of listeners, which BullMQ counts up and down.
    this.#redis = redis.duplicate();
    this.#clock = new RedisClock(this.#redis);
    this.#connection = gateConnection(this.#redis, this.#clock);
    this.#connection.on("error", (error) => log.debug("gate connection", { error: messageOf(error) }));
    this.#deadlineMs = deadlineMs;
    this.#log = log;
  }

  async start(): Promise<void> {
    await this.#clock.start();
    this.#sweeper = setInterval(() => this.#sweep(), STUCK_MS);
    this.#sweeper.unref();
  }

  /** Waits for a place at the domain's gate and makes the request in it. */
  async pass<T>(domain: string, rule: GateRule, request: () => Promise<T>): Promise<T> {
    const gate = this.#gateOf(domain, rule);
    gate.passing += 1;
    try {
      await gate.ready;
      return await gate.limiter.enter(this.#placeMsOf(gate.limiter.rule), request);
    } finally {
      gate.passing -= 1;
      gate.usedAt = performance.now();
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#clock.stop();
    this.#gates.clear();
    // Ends the limiters too; each would unsubscribe by itself, on a connection that is closing.
    await this.#connection.disconnect(false);
  }

  #gateOf(domain: string, rule: GateRule): Gate {
    let gate = this.#gates.get(domain);
    if (gate === undefined) {
      gate = this.#open(domain, rule);
      this.#gates.set(domain, gate);
    } else if (rule.revision > gate.revision) {
      gate.revision = rule.revision;
      this.#putInForce(domain, gate.limiter, rule).catch((error) => this.#report(domain, error));
    }
    return gate;
  }

  #open(domain: string, rule: GateRule): Gate {
    const limiter = new GateLimiter(gateId(domain), rule.rule, this.#connection);
    limiter.on("error", (error) => this.#report(domain, error));
    const ready = this.#putInForce(domain, limiter, rule);
    const gate: Gate = { limiter, ready, revision: rule.revision, passing: 0, usedAt: performance.now() };
    // A gate that could not be opened is opened anew by the next request.
    ready.catch(() => {
      if (this.#gates.get(domain) === gate) this.#gates.delete(domain);
    });
    return gate;
  }

  /** Bottleneck keeps the settings of whoever came first; the newest rule of the fleet is put over them. */
  async #putInForce(domain: string, limiter: GateLimiter, rule: GateRule): Promise<void> {
    const newest = await agreeOnRule(this.#redis, domain, rule);
    await limiter.apply(newest.rule);
  }

  /** Counted by Redis from the moment of registering, so the wait for a start is added to the deadline. */
  #placeMsOf({ requestsPerSecond, concurrency }: RateRule): number {
    return this.#deadlineMs + (concurrency * 1_000) / requestsPerSecond + MARGIN_MS;
  }

  #sweep(): void {
    for (const [domain, gate] of this.#gates) {
      const unusedMs = performance.now() - gate.usedAt;
      if (gate.passing > 0 && unusedMs > STUCK_MS) gate.limiter.lookAgain();
      if (gate.passing === 0 && unusedMs > IDLE_MS) {
        this.#drop(domain).catch((error) => this.#report(domain, error));
      }
    }
  }

  async #drop(domain: string): Promise<void> {
    const gate = this.#gates.get(domain);
    this.#gates.delete(domain);
    await gate?.limiter.disconnect(false);
  }

  #report(domain: string, error: unknown): void {
    this.#log.warn("gate", { domain, error: messageOf(error) });
  }
}
