import { randomUUID } from "node:crypto";
import { type CircuitRule, type Log, messageOf, openMsOf, within } from "@bee/core";
import type { Redis } from "ioredis";
import { type ClosingReply, readClosingsVersion, runClosing } from "./closing-scripts.ts";
import type { ClosingNews } from "./control-channel.ts";
import { type Closing, type KnownClosing, KnownClosings } from "./known-closings.ts";
import { PleaLog } from "./plea-log.ts";

/** Leave to try one request, or how long another has it. */
export type Probe = { readonly token: string } | { readonly token: null; readonly takenForMs: number };

export interface ClosingsOptions {
  readonly redis: Redis;
  readonly circuit: CircuitRule;
  /** For how long whoever probes is waited for: longer than any request. */
  readonly probeMs: number;
  /** Domains that are remembered here; the one of which nothing was heard for the longest time is forgotten. */
  readonly capacity: number;
  readonly log: Log;
  /** How often Redis is asked whether anything has changed. */
  readonly lookEveryMs?: number;
}

const LOOK_EVERY_MS = 1_000;
/** So many looks without an answer mean that this process may have missed something, or stood still. */
const LOOKS_MISSED = 3;
/** A request that has its place at the gate is late when it waits, and loses the place when it waits for long. */
const PATIENCE_MS = 250;

/**
 * Which domains get no requests, for the whole fleet: because they fail, or because they ask for quiet. Redis holds what
 * all agree on, and each change is told to all. Redis is asked once for a domain that this process meets, and again
 * where a message may have been missed: when it was not listening, when it stood still, and when Redis's count of
 * changes, looked at once a second for all domains together, is not the one that was heard of. So a request costs no
 * round trip, and none is sent by what a process knew before it stopped listening.
 *
 * What is known here stays in force when Redis has lost it, and Redis is told.
 */
export class Closings {
  readonly #options: ClosingsOptions;
  readonly #lookEveryMs: number;
  readonly #known: KnownClosings;
  readonly #pleas: PleaLog;
  readonly #reading = new Map<string, Promise<Closing>>();
  #timer: NodeJS.Timeout | undefined;
  #listening = false;
  /** What was read before this moment may be out of date. */
  #missedUntil = 0;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #looking = false;
  /** Of the latest change that this process knows of. */
  #version = 0;

  constructor(options: ClosingsOptions) {
    this.#options = options;
    this.#known = new KnownClosings(options.capacity);
    this.#pleas = new PleaLog(options.log, (domain) => this.#known.get(domain).closing);
    this.#lookEveryMs = options.lookEveryMs ?? LOOK_EVERY_MS;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), this.#lookEveryMs);
    this.#timer.unref();
    void this.#look();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#pleas.stop();
  }

  hear(news: ClosingNews): void {
    this.#version = Math.max(this.#version, Number(news.version));
    this.#known.note(news, performance.now());
  }

  /** Whether messages come in from now on. */
  listening(now: boolean): void {
    this.#listening = now;
    this.#missedUntil = performance.now();
  }

  /** Waits for Redis where that has to be asked. */
  async of(domain: string): Promise<Closing> {
    const known = this.#known.get(domain);
    if (this.#isCurrent(known)) return known.closing;
    let reading = this.#reading.get(domain);
    if (reading === undefined) {
      reading = this.#run("read", domain)
        .then(() => this.#known.get(domain).closing)
        .finally(() => this.#reading.delete(domain));
      this.#reading.set(domain, reading);
    }
    return reading;
  }

  /** The same for whoever cannot wait. @throws BeeError `unavailable`. */
  async ofNow(domain: string): Promise<Closing> {
    const known = this.#known.get(domain);
    return this.#isCurrent(known) ? known.closing : within(PATIENCE_MS, "Redis", this.of(domain));
  }

  /** Openings of its circuit in a row, as far as is known here. */
  openings(domain: string): number {
    return this.#known.get(domain).closing.openings;
  }

  /** The domain fails: no request for a while. */
  async open(domain: string, failure: string): Promise<void> {
    if (this.openings(domain) > 0) return;
    const { circuit, log } = this.#options;
    const openMs = openMsOf(1, circuit);
    this.#known.assume(domain, { openings: 1, openUntil: performance.now() + openMs, failure });
    const { done } = await this.#run("open", domain, openMs, failure);
    if (done) log.warn("a domain fails and is left alone", { domain, failure, forMs: openMs, openings: 1 });
  }

  /** An answer asked for quiet. */
  async keepQuiet(domain: string, forMs: number, plea: string): Promise<void> {
    const quietUntil = performance.now() + forMs;
    if (quietUntil > this.#known.get(domain).closing.quietUntil)
      this.#known.assume(domain, { quietUntil, plea });
    const { done } = await this.#run("keepQuiet", domain, Math.ceil(forMs), plea);
    if (done) this.#pleas.begun(domain);
  }

  /** Asks for leave to try one request, after the circuit's time. Another state than half-open is noted. */
  async probe(domain: string): Promise<Probe> {
    const { openings, failure } = this.#known.get(domain).closing;
    const token = randomUUID();
    const { probeMs } = this.#options;
    const askedAt = performance.now();
    const asked = this.#run("probe", domain, token, probeMs, openings, failure);
    const { done, leaseLeftMs } = await within(PATIENCE_MS, "Redis", asked);
    if (!done) return { token: null, takenForMs: leaseLeftMs };
    // A process that stood still meanwhile must not send beside the one that has the lease by then.
    if (performance.now() - askedAt < PATIENCE_MS) return { token };
    await this.letGo(domain, token);
    return { token: null, takenForMs: 0 };
  }

  /** The probe failed: twice as long again. */
  async reopen(domain: string, token: string, failure: string): Promise<void> {
    const { circuit, log } = this.#options;
    const openings = this.openings(domain) + 1;
    const openMs = openMsOf(openings, circuit);
    this.#known.assume(domain, { openings, openUntil: performance.now() + openMs, failure });
    const { done } = await this.#run("reopen", domain, token, openings, openMs, failure);
    if (done) log.warn("a domain fails and is left alone", { domain, failure, forMs: openMs, openings });
  }

  /** The probe was answered. */
  async close(domain: string, token: string): Promise<void> {
    const { done } = await this.#run("close", domain, token);
    if (done) this.#options.log.info("a domain answers again", { domain });
  }

  /** The probe told nothing: another may try. */
  async letGo(domain: string, token: string): Promise<void> {
    await this.#run("letGo", domain, token);
  }

  async #run(...call: DropFirst<Parameters<typeof runClosing>>): Promise<ClosingReply> {
    const askedAt = performance.now();
    const reply = await runClosing(this.#options.redis, ...call);
    this.#known.note(reply.news, askedAt);
    return reply;
  }

  /** Others may know less, and a worker that starts now knows nothing. */
  async #teach(): Promise<void> {
    const now = performance.now();
    for (const [domain, closing] of this.#known.inForce()) {
      const { openings, openUntil, failure, quietUntil, plea } = closing;
      const openMs = Math.ceil(Math.max(0, openUntil - now));
      const quietMs = Math.ceil(Math.max(0, quietUntil - now));
      await this.#run("teach", domain, openings, openMs, failure, quietMs, plea);
    }
  }

  #isCurrent({ readAt }: KnownClosing): boolean {
    if (!this.#listening || readAt < this.#missedUntil) return false;
    return performance.now() - this.#lookedAt < LOOKS_MISSED * this.#lookEveryMs;
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    const at = performance.now();
    try {
      const version = Number(await readClosingsVersion(this.#options.redis));
      if (version > this.#version) this.#missedUntil = at;
      const lost = version === 0 && this.#version > 0;
      this.#version = version;
      this.#lookedAt = at;
      if (lost) await this.#teach();
    } catch (error) {
      this.#options.log.debug("closings", { error: messageOf(error) });
    } finally {
      this.#looking = false;
    }
  }
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;
