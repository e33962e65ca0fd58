import { type Log, messageOf, type RateRule, type RuleInForce } from "@bee/core";
import type { Redis } from "ioredis";
import { Epoch } from "./epoch.ts";
import { GateLimiter, gateConnection } from "./gate-limiter.ts";
import { startAnew } from "./gate-pace.ts";
import { agreeOnRule, RuleNews } from "./gate-rules.ts";
import { headStartOf, spacingOf } from "./gate-turn.ts";
import { domainOfGate, gateId } from "./keys.ts";
import { inOneWrite } from "./one-write.ts";
import { RedisClock } from "./redis-clock.ts";

/** A limiter costs two channels and a heartbeat, so one that is not used is dropped; Redis keeps the gate's state. */
const IDLE_MS = 60_000;
/** Requests that wait at a gate where none has passed for so long look whether a place has come free by itself. */
const STUCK_MS = 1_000;
/** How old this process's word on a gate's rule may be when a request is made: it may have missed a message. */
const LOOK_EVERY_MS = 1_000;

interface Gate {
  /** Open, with the newest rule in force. */
  readonly limiter: Promise<GateLimiter>;
  rule: RuleInForce;
  agreedAt: number;
  passing: number;
  usedAt: number;
}

/**
 * The gates of all domains, one each for the whole fleet: every request to a domain passes its gate, whichever
 * process makes it. Kept here is only what this process needs to take part.
 */
export class Gates {
  readonly #clock: RedisClock;
  readonly #news: RuleNews;
  readonly #epoch: Epoch;
  readonly #redis: Redis;
  readonly #connection: ReturnType<typeof gateConnection>;
  readonly #gates = new Map<string, Gate>();
  /** Ids of the gates that this process has begun in Redis. */
  readonly #begun = new Set<string>();
  readonly #deadlineMs: number;
  readonly #log: Log;
  #sweeper: NodeJS.Timeout | undefined;
  #looker: NodeJS.Timeout | undefined;

  /** @param deadlineMs the longest that a request may take; a place whose process died is free after that. */
  constructor(redis: Redis, { deadlineMs, log }: { deadlineMs: number; log: Log }) {
    // Not the shared connection: Bottleneck lifts its limit of listeners, which BullMQ counts up and down.
    this.#redis = inOneWrite(redis.duplicate());
    this.#clock = new RedisClock(this.#redis);
    this.#news = new RuleNews(this.#redis);
    this.#epoch = new Epoch(this.#redis, this.#clock);
    const holdFor = (gate: string) => this.#holdFor(gate);
    this.#connection = gateConnection({ client: this.#redis, clock: this.#clock, holdFor });
    this.#connection.on("error", (error) => log.debug("gate connection", { error: messageOf(error) }));
    this.#deadlineMs = deadlineMs;
    this.#log = log;
  }

  /** @param begun whether the fleet has worked before: then a Redis that knows nothing of it has lost its data. */
  async start({ begun }: { begun: boolean }): Promise<void> {
    await this.#clock.start();
    await this.#epoch.start(begun);
    this.#sweeper = setInterval(() => this.#sweep(), STUCK_MS);
    this.#sweeper.unref();
    this.#looker = setInterval(() => {
      // Until an answer comes, each gate asks for itself.
      if (this.#gates.size > 0) this.#news.look().catch(() => {});
    }, LOOK_EVERY_MS);
    this.#looker.unref();
  }

  /** Waits for a place at the domain's gate and makes the request in it. */
  async pass<T>(domain: string, rule: RuleInForce, request: () => Promise<T>): Promise<T> {
    const gate = this.#gateOf(domain, rule);
    gate.passing += 1;
    try {
      const limiter = await gate.limiter;
      if (!this.#isAgreed(gate)) await this.#agreeAnew(domain, gate, limiter);
      return await limiter.enter(() => {
        this.#countFromStart(domain, limiter.rule);
        return request();
      });
    } finally {
      gate.passing -= 1;
      gate.usedAt = performance.now();
    }
  }

  /** Another rule is in force for a domain; one that this process has no gate of learns it with its next request. */
  hear(domain: string, rule: RuleInForce): void {
    if (this.#gates.has(domain)) this.#gateOf(domain, rule);
  }

  /**
   * Puts a rule in force that the answer to the last request asked for (a Crawl-delay): counted from now, so that the
   * next request keeps its distance, too.
   */
  async repace(domain: string, rule: RuleInForce): Promise<void> {
    const limiter = await this.#gateOf(domain, rule).limiter;
    await this.#putInForce(domain, limiter, rule);
    await startAnew(this.#redis, domain, rule.rule);
  }

  /**
   * A start may come late, and the next one be on time. Where one request is made at a time (a Crawl-delay), the next one
   * is granted after this one has ended, so the gap can be counted from the start itself. Nobody waits for it: Redis
   * carries it out before the end of the request.
   */
  #countFromStart(domain: string, rule: RateRule): void {
    if (rule.concurrency > 1 || rule.burst > 1) return;
    startAnew(this.#redis, domain, rule).catch(() => {}); // without Redis no request is granted either
  }

  async stop(): Promise<void> {
    clearInterval(this.#sweeper);
    clearInterval(this.#looker);
    this.#clock.stop();
    for (const { limiter } of this.#gates.values()) limiter.then((one) => one.startNoMore()).catch(() => {});
    this.#gates.clear();
    // Ends the limiters too; each would unsubscribe by itself, on a connection that is closing.
    await this.#connection.disconnect(false);
  }

  #gateOf(domain: string, rule: RuleInForce): Gate {
    let gate = this.#gates.get(domain);
    if (gate === undefined) {
      gate = this.#open(domain, rule);
      this.#gates.set(domain, gate);
    } else if (rule.revision > gate.rule.revision) {
      gate.rule = rule;
      gate.limiter
        .then((limiter) => this.#putInForce(domain, limiter, rule))
        .catch((error) => this.#report(domain, error));
    }
    return gate;
  }

  #open(domain: string, rule: RuleInForce): Gate {
    const limiter = this.#createLimiter(domain, rule);
    const gate: Gate = {
      limiter,
      rule,
      agreedAt: performance.now(),
      passing: 0,
      usedAt: performance.now(),
    };
    // A gate that could not be opened is opened anew by the next request.
    limiter.catch(() => {
      if (this.#gates.get(domain) === gate) this.#gates.delete(domain);
    });
    return gate;
  }

  async #createLimiter(domain: string, rule: RuleInForce): Promise<GateLimiter> {
    await this.#epoch.check();
    const limiter = new GateLimiter({
      id: gateId(domain),
      rule,
      connection: this.#connection,
      redis: this.#redis,
      clock: this.#clock,
      deadlineMs: this.#deadlineMs,
    });
    limiter.on("error", (error) => this.#report(domain, error));
    // A process that waits at the gate with tasks of the old rule only must not go on with the old burst.
    limiter.on("message", (newer: string) => this.hear(domain, JSON.parse(newer)));
    await this.#putInForce(domain, limiter, rule);
    return limiter;
  }

  /** Bottleneck keeps the settings of whoever came first; the newest rule of the fleet is put over them. */
  async #putInForce(domain: string, limiter: GateLimiter, rule: RuleInForce): Promise<void> {
    await limiter.apply(await agreeOnRule(this.#redis, domain, rule));
  }

  #isAgreed({ agreedAt }: Gate): boolean {
    return performance.now() - agreedAt < LOOK_EVERY_MS || this.#news.isCurrent(agreedAt);
  }

  /** So that a gate whose rule was changed unheard does not keep the old one. */
  async #agreeAnew(domain: string, gate: Gate, limiter: GateLimiter): Promise<void> {
    gate.agreedAt = performance.now();
    const newest = await agreeOnRule(this.#redis, domain, gate.rule);
    if (newest.revision <= gate.rule.revision) return;
    gate.rule = newest;
    await limiter.apply(newest);
  }

  /**
   * After Redis lost a gate: until what was under way has ended, and what was granted has started, however much ahead of
   * its turn the next may start. A gate of ours that begins a second time was lost, also when nobody has noticed yet.
   */
  #holdFor(id: string): number {
    if (this.#begun.has(id)) this.#epoch.lost();
    this.#begun.add(id);
    const rule = this.#gates.get(domainOfGate(id))?.rule.rule;
    const granted = rule === undefined ? 0 : (rule.concurrency + 1) * spacingOf(rule);
    const ahead = rule === undefined ? 0 : headStartOf(rule);
    return this.#epoch.holdFor(Math.max(granted, this.#deadlineMs * 1_000) + ahead);
  }

  #sweep(): void {
    for (const [domain, gate] of this.#gates) {
      const unusedMs = performance.now() - gate.usedAt;
      const stuck = gate.passing > 0 && unusedMs > STUCK_MS;
      if (stuck) gate.limiter.then((limiter) => limiter.lookAgain()).catch(() => {}); // told to those who wait
      if (gate.passing === 0 && unusedMs > IDLE_MS) {
        this.#drop(domain).catch((error) => this.#report(domain, error));
      }
    }
  }

  async #drop(domain: string): Promise<void> {
    const gate = this.#gates.get(domain);
    this.#gates.delete(domain);
    this.#begun.delete(gateId(domain));
    await (await gate?.limiter)?.disconnect(false);
  }

  #report(domain: string, error: unknown): void {
    this.#log.warn("gate", { domain, error: messageOf(error) });
  }
}
