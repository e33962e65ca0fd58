import { randomUUID } from "node:crypto";
import {
  CIRCUIT_RULE,
  type CircuitRule,
  type ClosedReason,
  circuitStateOf,
  type Log,
  messageOf,
  within,
} from "@bee/core";
import type { Redis } from "ioredis";
import { Closings } from "./closings.ts";
import { type DomainMessage, sendControl } from "./control-channel.ts";
import { DomainClosedError } from "./domain-closed-error.ts";
import { FailureCounts } from "./failure-counts.ts";
import type { Closing } from "./known-closings.ts";

export interface BreakerSettings extends CircuitRule {
  /** Percent of a process's requests above which its failures open the circuit, of at least `failures` requests. */
  readonly failurePercent: number;
  /** Failures are counted together over this time: at least four times the longest request. */
  readonly windowMs: number;
}

export const BREAKER_SETTINGS: BreakerSettings = Object.freeze({
  ...CIRCUIT_RULE,
  failurePercent: 50,
  windowMs: 120_000,
});

/** What a request says of its domain. */
export type Verdict =
  | { readonly type: "answered" }
  | {
      readonly type: "failed";
      readonly failure: string;
      /** A page that had failed before: that tells of the page, unless the request is a try. */
      readonly again?: boolean;
    }
  /** The domain is there and wants quiet. */
  | { readonly type: "throttled"; readonly forMs: number; readonly plea: string }
  /** Nothing: a fault of ours, or of the one page. */
  | { readonly type: "no-news" };

export interface BreakersOptions {
  readonly redis: Redis;
  /** The longest that a request may take. */
  readonly deadlineMs: number;
  readonly log: Log;
  readonly settings?: BreakerSettings | undefined;
  /** Domains that are kept in mind. */
  readonly capacity?: number;
  readonly lookEveryMs?: number;
}

/** Of a domain that somebody else tries; the next look. */
const PROBE_LOOK_MS = 1_000;
/** A result waits no longer for Redis to hear of its probe. */
const PROBE_NEWS_MS = 2_000;
/** Room between the end of the longest probe and the moment at which another may be made. */
const MARGIN_MS = 5_000;
/** As much of a failure as a person needs. */
const MAX_TEXT = 200;

/**
 * One breaker for each domain in the whole fleet. A domain that fails gets no request from anybody until its circuit's
 * time is over, and then one, by which it closes or opens for twice as long. A domain that asks for quiet gets it from
 * all for as long as it said.
 */
export class Breakers {
  readonly #options: BreakersOptions;
  readonly #settings: BreakerSettings;
  readonly #closings: Closings;
  readonly #counts: FailureCounts;
  readonly #id = randomUUID();

  constructor(options: BreakersOptions) {
    const { redis, deadlineMs, log, settings = BREAKER_SETTINGS, capacity = 10_000, lookEveryMs } = options;
    this.#options = options;
    this.#settings = settings;
    this.#counts = new FailureCounts(settings, capacity);
    this.#closings = new Closings({
      redis,
      circuit: settings,
      probeMs: deadlineMs + MARGIN_MS,
      capacity,
      log,
      ...(lookEveryMs === undefined ? {} : { lookEveryMs }),
    });
  }

  start(): void {
    this.#closings.start();
  }

  stop(): void {
    this.#closings.stop();
    this.#counts.stop();
  }

  /** What another process says, or this one to itself. */
  hear(message: DomainMessage): void {
    if (message.type === "domain-closing") {
      if (message.openings > 0) this.#counts.forget(message.domain);
      this.#closings.hear(message);
      return;
    }
    if (message.from === this.#id) return;
    if (message.type === "domain-answered") this.#counts.heardAnswer(message.domain);
    else if (this.#counts.heardFailure(message.domain)) {
      this.#inBackground(this.#open(message.domain, message.failure));
    }
  }

  listening(now: boolean): void {
    this.#closings.listening(now);
  }

  /**
   * For whoever is about to wait for a place: whether it is worth it.
   * @throws DomainClosedError when the domain gets no requests now.
   */
  async requireOpen(domain: string): Promise<void> {
    this.#requireOpen(domain, await this.#closings.of(domain));
  }

  /**
   * Makes a request, unless the domain was closed while it waited for its place, and acts on what it says.
   * @throws DomainClosedError without having made it; else what the request throws.
   */
  async send<T>(
    domain: string,
    request: () => Promise<T>,
    judge: (result: PromiseSettledResult<T>) => Verdict,
  ): Promise<T> {
    const closing = await this.#closings.ofNow(domain);
    this.#requireOpen(domain, closing);
    const token = closing.openings > 0 ? await this.#tokenFor(domain) : null;
    const [result] = await Promise.allSettled([request()]);
    const verdict = judge(result);
    if (token === null) await this.#count(domain, verdict);
    else await this.#endProbe(domain, token, verdict);
    if (result.status === "rejected") throw result.reason;
    return result.value;
  }

  /** It asked for quiet, and gets more of it than the answer by itself said. */
  leaveAlone(domain: string, forMs: number, plea: string): void {
    this.#inBackground(this.#closings.keepQuiet(domain, forMs, cut(plea)));
  }

  #requireOpen(domain: string, closing: Closing): void {
    const now = performance.now();
    const openForMs = closing.openUntil - now;
    const quietForMs = closing.quietUntil - now;
    if (circuitStateOf(closing.openings, openForMs) === "open" && openForMs >= quietForMs) {
      throw this.#closed(domain, closing, "circuit-open", openForMs);
    }
    if (quietForMs > 0) throw this.#closed(domain, closing, "retry-after", quietForMs);
  }

  /** @returns the token of the probe; null when the circuit was closed meanwhile. */
  async #tokenFor(domain: string): Promise<string | null> {
    const probe = await this.#closings.probe(domain);
    if (probe.token !== null) return probe.token;
    const closing = await this.#closings.ofNow(domain);
    this.#requireOpen(domain, closing);
    if (closing.openings === 0) return null;
    const lookInMs = Math.min(probe.takenForMs, PROBE_LOOK_MS);
    throw this.#closed(domain, closing, "circuit-open", lookInMs);
  }

  /** Known here at once; others hear of it while the request's result goes its way. */
  async #count(domain: string, verdict: Verdict): Promise<void> {
    if (verdict.type === "no-news" || (verdict.type === "failed" && verdict.again)) return;
    if (verdict.type === "throttled") {
      this.#inBackground(this.#closings.keepQuiet(domain, verdict.forMs, cut(verdict.plea)));
    }
    // Requests that were under way when it opened say nothing new: only the probe closes it, or opens it again.
    if (this.#closings.openings(domain) > 0) return;
    const from = this.#id;
    if (verdict.type !== "failed") {
      const ended = await this.#counts.answered(domain);
      if (ended) this.#inBackground(this.#tell({ type: "domain-answered", domain, from }));
    } else if (await this.#counts.failed(domain)) {
      this.#inBackground(this.#open(domain, verdict.failure));
    } else {
      this.#inBackground(this.#tell({ type: "domain-failed", domain, from, failure: cut(verdict.failure) }));
    }
  }

  async #open(domain: string, failure: string): Promise<void> {
    this.#counts.forget(domain);
    await this.#closings.open(domain, cut(failure));
  }

  /** Waits until it is agreed on: the page's result must not bring the next page before the circuit is closed. */
  async #endProbe(domain: string, token: string, verdict: Verdict): Promise<void> {
    const agreed = this.#tellOfProbe(domain, token, verdict);
    await within(PROBE_NEWS_MS, "Redis", agreed).catch((error) => this.#report(error));
  }

  async #tellOfProbe(domain: string, token: string, verdict: Verdict): Promise<void> {
    if (verdict.type === "no-news") return this.#closings.letGo(domain, token);
    if (verdict.type === "failed") return this.#closings.reopen(domain, token, cut(verdict.failure));
    if (verdict.type === "throttled")
      await this.#closings.keepQuiet(domain, verdict.forMs, cut(verdict.plea));
    await this.#closings.close(domain, token);
  }

  #tell(message: DomainMessage): Promise<void> {
    return sendControl(this.#options.redis, message);
  }

  #closed(domain: string, closing: Closing, reason: ClosedReason, forMs: number): DomainClosedError {
    const { openings, failure, plea } = closing;
    // While somebody tries, there is hope.
    const isOpen = reason === "circuit-open" && closing.openUntil > performance.now();
    const hopeless = isOpen && openings >= this.#settings.openings;
    const because = reason === "circuit-open" ? failure : plea;
    return new DomainClosedError({ domain, reason, because, forMs, openings, hopeless });
  }

  #inBackground(work: Promise<void>): void {
    work.catch((error) => this.#report(error));
  }

  /** Lost connections are reported by the connection itself; what is known here holds. */
  #report(error: unknown): void {
    this.#options.log.debug("breaker", { error: messageOf(error) });
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_TEXT);
}
